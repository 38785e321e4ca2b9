import type { ReactNode } from "react";
import { useTranslation } from "react-i18next";
import { Link } from "react-router";
import { Table, type Column } from "@/kit/Table";
import { Amount, When } from "@/kit/values";
import type { CalendarDay } from "../reads";
import { useRate } from "../termWords";
import { unsoldOf } from "./model";
import { SaleState } from "./words";

/** Days of sale, a row each. */
export function SalesTable({ rows, name, file, deed }: { rows: readonly CalendarDay[]; name: string; file?: string; deed?: (sale: CalendarDay) => ReactNode }): ReactNode {
  const { t } = useTranslation("earndesk_calendar");
  const rate = useRate();
  const columns: Column<CalendarDay>[] = [
    { key: "day", title: t("col.day"), cell: (row) => row.sale_date, csv: (row) => row.sale_date },
    { key: "name", title: t("col.product"), cell: (row) => <Link to={`/fixed-income/templates/${row.template}?version=${String(row.version)}`}>{row.name}</Link>, csv: (row) => row.name },
    { key: "version", title: t("col.version"), end: true, cell: (row) => row.version, csv: (row) => String(row.version) },
    { key: "state", title: t("col.state"), cell: (row) => <SaleState of={row.status} />, csv: (row) => row.status },
    { key: "quota", title: t("col.quota"), end: true, cell: (row) => <Amount value={row.quota} asset={row.asset} />, csv: (row) => row.quota },
    { key: "sold", title: t("col.sold"), end: true, cell: (row) => <Amount value={row.sold} asset={row.asset} />, csv: (row) => row.sold },
    { key: "left", title: t("col.left"), end: true, cell: (row) => <Amount value={unsoldOf(row)} asset={row.asset} />, csv: unsoldOf },
    { key: "rate", title: t("col.rate"), wrap: true, cell: (row) => rate(row.tiers, row.asset), csv: (row) => row.apr },
    { key: "opens", title: t("col.opens"), cell: (row) => <When at={row.opens_at} />, csv: (row) => row.opens_at },
    { key: "closes", title: t("col.closes"), cell: (row) => <When at={row.closes_at} />, csv: (row) => row.closes_at },
    { key: "value", title: t("col.value_date"), cell: (row) => row.value_date, csv: (row) => row.value_date },
    { key: "maturity", title: t("col.maturity"), cell: (row) => row.maturity, csv: (row) => row.maturity },
    ...(deed === undefined ? [] : [{ key: "deed", title: t("col.deed"), cell: deed }]),
  ];
  return <div className={deed === undefined ? undefined : "deeds-last"}><Table name={name} columns={columns} rows={rows} rowKey={(row) => row.id} {...(file === undefined ? {} : { file })} /></div>;
}
