import type { ReactNode } from "react";
import { useTranslation } from "react-i18next";
import { Link } from "react-router";
import { Table, type Column } from "@/kit/Table";
import { Amount, Change } from "@/kit/values";
import { useDuration, Who } from "../parts/values";
import { BreakStatus, type Break } from "./words";

export function BreakTable({ rows, file }: { rows: readonly Break[]; file: string }): ReactNode {
  const { t } = useTranslation("finance");
  const duration = useDuration();
  const columns: readonly Column<Break>[] = [
    {
      key: "reference", title: t("breaks.reference"), csv: (row) => row.reference,
      cell: (row) => <Link to={`/finance/reconciliation/breaks/${row.id}`} title={row.reference}><code>{shortened(row.reference)}</code></Link>,
    },
    { key: "status", title: t("column.state"), csv: (row) => row.status, cell: (row) => <BreakStatus status={row.status} /> },
    { key: "class", title: t("breaks.class"), csv: (row) => row.class, cell: (row) => t(`break_class.${row.class}.name`) },
    { key: "source", title: t("runs.source"), csv: (row) => row.source, cell: (row) => t(`recon_source.${row.source}`) },
    { key: "level", title: t("runs.level"), csv: (row) => row.level, cell: (row) => t(`level.${row.level}.name`) },
    { key: "ours", title: t("breaks.ours"), end: true, csv: (row) => row.ours, cell: (row) => <Amount value={row.ours} /> },
    { key: "theirs", title: t("breaks.theirs"), end: true, csv: (row) => row.theirs, cell: (row) => <Amount value={row.theirs} /> },
    { key: "drift", title: t("breaks.drift"), end: true, csv: (row) => row.difference, cell: (row) => <Change value={row.difference} /> },
    { key: "asset", title: t("column.asset"), csv: (row) => row.asset, cell: (row) => row.asset },
    { key: "age", title: t("breaks.age"), end: true, csv: (row) => row.first_seen_at, cell: (row) => duration(row.age_s) },
    { key: "owner", title: t("breaks.owner"), csv: (row) => row.ticket?.owner, cell: (row) => <Who id={row.ticket?.owner} /> },
  ];
  return <Table name={t("breaks.title")} columns={columns} rows={rows} rowKey={(row) => row.id} file={file} />;
}

const SHOWN = 34;
/** References carry whole ids; the beginning says what it is. */
const shortened = (reference: string): string => (reference.length > SHOWN ? `${reference.slice(0, SHOWN)}…` : reference);
