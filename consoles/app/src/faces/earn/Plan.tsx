// When what is paid, the sum first: a telephone shows no more. States are told once there are different ones; a plan of many rows shows its first ones until one wants all.

import { useState, type ReactNode } from "react";
import { Button } from "@/kit/Button";
import { Table } from "@/kit/Table";
import { Amount, Pill } from "@/kit/values";
import { isZero } from "@/money/decimal";
import { bonusOf, rowSum } from "./model";
import type { PlanRow } from "./reads";
import { ROW_TONES, useWords } from "./words";

const FIRST = 12;

export function Plan({ rows, asset }: { rows: readonly PlanRow[]; asset: string }): ReactNode {
  const { t } = useWords();
  const [all, setAll] = useState(false);
  const states = rows.some((row) => row.status !== "pending");
  const shown = all || rows.length <= FIRST + 3 ? rows : rows.slice(0, FIRST);
  return (
    <div className="stack">
      <Table name={t("plan.title", { asset })} rows={shown} rowKey={(row) => String(row.seq)} file="earn-plan" columns={[
        { key: "due", title: t("plan.due"), cell: (row) => <span className="number">{row.due_date}</span>, csv: (row) => row.due_date },
        { key: "payment", title: t("plan.payment"), end: true, cell: (row) => <strong><Amount value={rowSum(row)} /></strong>, csv: rowSum },
        { key: "interest", title: t("plan.interest"), end: true, cell: (row) => <Amount value={row.interest} />, csv: (row) => row.interest },
        ...(isZero(bonusOf(rows)) ? [] : [{ key: "bonus", title: t("plan.bonus"), end: true, cell: (row: PlanRow) => <Amount value={row.bonus} />, csv: (row: PlanRow) => row.bonus }]),
        { key: "principal", title: t("plan.principal"), end: true, cell: (row) => (isZero(row.principal) ? <span className="dim">–</span> : <Amount value={row.principal} />), csv: (row) => row.principal },
        ...(states ? [{ key: "status", title: t("col.state"), csv: (row: PlanRow) => row.status, cell: (row: PlanRow) => (
          <Pill tone={ROW_TONES[row.status] ?? "plain"}>{t(`plan.state.${row.status}`)}</Pill>
        ) }] : []),
      ]} />
      {shown.length < rows.length && <div><Button onPress={() => { setAll(true); }}>{t("plan.all", { n: rows.length })}</Button></div>}
    </div>
  );
}
