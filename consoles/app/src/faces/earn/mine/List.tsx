import type { ReactNode } from "react";
import { Link } from "react-router";
import { Table } from "@/kit/Table";
import { Amount } from "@/kit/values";
import { earnedOf } from "../model";
import type { Subscription } from "../reads";
import { useWords } from "../words";
import { State } from "./State";
import { useNextPayout } from "./Summary";

export function List({ rows, name }: { rows: readonly Subscription[]; name: string }): ReactNode {
  const { t, percent } = useWords();
  const next = useNextPayout();
  return <Table name={name} rows={rows} rowKey={(one) => one.id} file="subscriptions" columns={[
    { key: "name", title: t("col.product"), cell: (one) => <Link to={`/earn/${one.id}`}>{one.name}</Link>, csv: (one) => one.id },
    { key: "state", title: t("col.state"), cell: (one) => <State of={one} />, csv: (one) => one.status },
    { key: "principal", title: t("col.principal"), end: true, cell: (one) => <Amount value={one.principal} asset={one.asset} />, csv: (one) => one.principal },
    { key: "apr", title: "APR", end: true, cell: (one) => percent(one.apr, 2), csv: (one) => one.apr },
    { key: "paid", title: t("col.paid"), end: true, cell: (one) => <Amount value={earnedOf(one.plan, "paid")} asset={one.asset} />, csv: (one) => earnedOf(one.plan, "paid") },
    { key: "to_come", title: t("col.to_come"), end: true, cell: (one) => <Amount value={earnedOf(one.plan, "pending")} asset={one.asset} />, csv: (one) => earnedOf(one.plan, "pending") },
    { key: "next", title: t("col.next"), cell: (one) => <span className="number">{next(one) ?? "–"}</span>, csv: (one) => one.next_payout },
    { key: "maturity", title: t("col.maturity"), cell: (one) => <span className="number">{one.maturity}</span>, csv: (one) => one.maturity },
  ]} />;
}
