import type { ReactNode } from "react";
import { Table } from "@/kit/Table";
import { Amount, Pill } from "@/kit/values";
import type { Instalment } from "../reads";
import { useWords } from "../words";

/** When what is to be paid. States are told once there are different ones. */
export function Schedule({ rows, asset }: { rows: readonly Instalment[]; asset: string }): ReactNode {
  const { t } = useWords();
  const states = rows.some((row) => row.status !== "pending");
  return <Table name={t("schedule.title", { asset })} rows={rows} rowKey={(row) => String(row.n)} file="instalments" columns={[
    { key: "n", title: t("schedule.n"), cell: (row) => row.n, csv: (row) => String(row.n) },
    { key: "due", title: t("schedule.due"), cell: (row) => row.due_date, csv: (row) => row.due_date },
    { key: "payment", title: t("schedule.payment"), end: true, cell: (row) => <Amount value={row.payment} />, csv: (row) => row.payment },
    { key: "interest", title: t("schedule.interest"), end: true, cell: (row) => <Amount value={row.interest} />, csv: (row) => row.interest },
    { key: "principal", title: t("schedule.principal"), end: true, cell: (row) => <Amount value={row.principal} />, csv: (row) => row.principal },
    ...(states ? [{ key: "status", title: t("col.state"), csv: (row: Instalment) => row.status, cell: (row: Instalment) => (
      <Pill tone={row.status === "paid" ? "good" : row.status === "due" ? "warn" : "plain"}>{t(`schedule.state.${row.status}`)}</Pill>
    ) }] : []),
  ]} />;
}
