import type { ReactNode } from "react";
import { useTranslation } from "react-i18next";
import { Link } from "react-router";
import { ExactPercent } from "@/kit/Figures";
import { Table } from "@/kit/Table";
import { Amount, Percent } from "@/kit/values";
import { venueName } from "@/kit/venue";
import { usedOf, type Line } from "./model";

export const sourceOf = ({ adapter, source }: { adapter: string; source: string }): string => (adapter === "ledger" ? source : venueName(source));

/** Share of the limit that is drawn. */
export function Used({ of }: { of: Pick<Line, "drawn" | "limit"> }): ReactNode {
  const share = usedOf(of);
  return share === null ? <span className="dim">–</span> : <Percent share={share} />;
}

export function Lines({ rows }: { rows: readonly Line[] }): ReactNode {
  const { t } = useTranslation(["lending_book", "lending_funding"]);
  return <Table name={t("lending_funding:list.title")} rows={rows} rowKey={(row) => row.id} file="funding-lines" columns={[
    { key: "name", title: t("col.line"), cell: (row) => <Link to={`/lending/funding/${row.id}`}><strong>{row.name}</strong></Link>, csv: (row) => row.name },
    { key: "source", title: t("col.source"), cell: sourceOf, csv: (row) => row.source },
    { key: "adapter", title: t("lending_funding:col.adapter"), cell: (row) => t(`lending_funding:adapter.${row.adapter}`), csv: (row) => row.adapter },
    { key: "asset", title: t("col.asset"), cell: (row) => row.asset, csv: (row) => row.asset },
    { key: "limit", title: t("col.limit"), end: true, cell: (row) => <Amount value={row.limit} />, csv: (row) => row.limit },
    { key: "drawn", title: t("col.drawn"), end: true, cell: (row) => <Amount value={row.drawn} />, csv: (row) => row.drawn },
    { key: "asked", title: t("lending_funding:col.asked"), end: true, cell: (row) => <Amount value={row.asked} />, csv: (row) => row.asked },
    { key: "free", title: t("col.free"), end: true, cell: (row) => <Amount value={row.free} />, csv: (row) => row.free },
    { key: "used", title: t("col.used"), end: true, cell: (row) => <Used of={row} />, csv: usedOf },
    { key: "rate", title: t("col.rate"), end: true, cell: (row) => <ExactPercent share={row.rate} />, csv: (row) => row.rate },
    { key: "cost", title: t("col.accrued"), end: true, cell: (row) => <Amount value={row.cost_owed} />, csv: (row) => row.cost_owed },
    { key: "through", title: t("col.through"), cell: (row) => row.accrued_through, csv: (row) => row.accrued_through },
  ]} />;
}
