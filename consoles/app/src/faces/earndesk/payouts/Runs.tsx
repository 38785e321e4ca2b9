import type { ReactNode } from "react";
import { useTranslation } from "react-i18next";
import { Listed } from "@/faces/finance/parts/pages";
import { Empty } from "@/kit/states";
import { Table, type Column } from "@/kit/Table";
import { Pill, When } from "@/kit/values";
import { isLeft, TONES, type Run } from "./model";
import { useRuns } from "./reads";

/** Every run, the newest first; followed closely while one is at work. */
export function Runs({ asked }: { asked: boolean }): ReactNode {
  const { t } = useTranslation("earndesk_payouts");
  const columns: Column<Run>[] = [
    { key: "started", title: t("col.started"), csv: (row) => row.started_at, cell: (row) => <When at={row.started_at} /> },
    { key: "state", title: t("col.state"), csv: (row) => row.state, cell: (row) => <Pill tone={TONES[row.state]}>{t(`state.${row.state}`)}</Pill> },
    { key: "due_by", title: t("col.due_by"), csv: (row) => row.due_by, cell: (row) => <When at={row.due_by} /> },
    { key: "ended", title: t("col.ended"), csv: (row) => row.ended_at, cell: (row) => <When at={row.ended_at} /> },
    { key: "paid", title: t("col.paid"), end: true, csv: (row) => String(row.paid), cell: (row) => row.paid },
    { key: "refused", title: t("col.refused"), end: true, csv: (row) => String(row.refused), cell: (row) => (row.refused > 0 ? <strong className="down">{row.refused}</strong> : row.refused) },
    { key: "still_due", title: t("col.still_due"), end: true, csv: (row) => String(row.still_due), cell: (row) => (isLeft(row) ? <Pill tone="warn">{row.still_due}</Pill> : row.still_due) },
  ];
  return (
    <div className="stack">
      <p className="dim">{t("runs.note")}</p>
      <Listed pages={useRuns(asked)} empty={<Empty title={t("runs.none")} />}>
        {(rows) => <Table name={t("runs.title")} columns={columns} rows={rows} rowKey={(row) => row.id} file="payout-runs" />}
      </Listed>
    </div>
  );
}
