import type { ReactNode } from "react";
import { useTranslation } from "react-i18next";
import { Link } from "react-router";
import { api, ask } from "@/api/client";
import { Empty } from "@/kit/states";
import { Table, type Column } from "@/kit/Table";
import { When } from "@/kit/values";
import { Listed, usePages } from "../parts/pages";
import { atWork, RunProgress, RunStatus, type Run } from "./words";

const SOON_MS = 1_000;
const LATER_MS = 15_000;

export function Runs(): ReactNode {
  const { t } = useTranslation("finance");
  const pages = usePages(
    ["finance", "runs"],
    (cursor) => ask(api.GET("/v1/reconciliation/runs", { params: { query: { cursor, limit: 25 } } })),
    (runs) => (runs.some(atWork) ? SOON_MS : LATER_MS),
  );
  return <Listed pages={pages} empty={<Empty title={t("runs.none")} />}>{(rows) => <RunTable rows={rows} />}</Listed>;
}

export function RunTable({ rows }: { rows: readonly Run[] }): ReactNode {
  const { t } = useTranslation("finance");
  const columns: readonly Column<Run>[] = [
    { key: "at", title: t("runs.asked_at"), csv: (row) => row.created_at, cell: (row) => <Link to={`/finance/reconciliation/runs/${row.id}`}><When at={row.created_at} /></Link> },
    { key: "status", title: t("column.state"), csv: (row) => row.status, cell: (row) => <RunStatus status={row.status} /> },
    { key: "source", title: t("runs.source"), csv: (row) => row.source, cell: (row) => t(`recon_source.${row.source}`) },
    { key: "level", title: t("runs.level"), csv: (row) => row.level, cell: (row) => t(`level.${row.level}.name`) },
    { key: "date", title: t("runs.date"), csv: (row) => row.date, cell: (row) => row.date ?? "–" },
    { key: "scope", title: t("runs.scope"), csv: (row) => row.scope, cell: (row) => row.scope ?? t("runs.everything") },
    { key: "progress", title: t("runs.progress"), csv: (row) => String(row.compared), cell: (row) => <RunProgress run={row} /> },
    { key: "breaks", title: t("breaks.title"), end: true, csv: (row) => String(row.breaks), cell: (row) => row.breaks },
    { key: "tickets", title: t("runs.ticketed"), end: true, csv: (row) => String(row.ticketed), cell: (row) => row.ticketed },
  ];
  return <Table name={t("runs.title")} columns={columns} rows={rows} rowKey={(row) => row.id} file="reconciliation-runs" />;
}
