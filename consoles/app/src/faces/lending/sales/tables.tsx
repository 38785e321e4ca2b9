// What may be sold, the orders that sold it, and what each venue paid. Prices are in the lent asset for one unit of the collateral.

import type { ReactNode } from "react";
import { useTranslation } from "react-i18next";
import { Empty } from "@/kit/states";
import { Table } from "@/kit/Table";
import { Amount, Id, Pill, When } from "@/kit/values";
import { venueName } from "@/kit/venue";
import { averageOf, progressOf } from "./model";
import type { Story } from "./reads";

export function Targets({ story }: { story: Story }): ReactNode {
  const { t } = useTranslation("lending_sales");
  const progress = new Map(progressOf(story).map((one) => [one.asset, one]));
  const rows = story.targets.map((target) => ({ ...target, ...progress.get(target.asset) }));
  return <Table name={t("target.title")} rows={rows} rowKey={(row) => row.asset} file="liquidation-collateral" columns={[
    { key: "asset", title: t("col.collateral"), cell: (row) => <strong>{row.asset}</strong>, csv: (row) => row.asset },
    { key: "quantity", title: t("target.quantity"), end: true, cell: (row) => <Amount value={row.quantity} asset={row.asset} />, csv: (row) => row.quantity },
    { key: "sell", title: t("target.sell"), end: true, cell: (row) => <Amount value={row.sell} asset={row.asset} />, csv: (row) => row.sell },
    { key: "sold", title: t("target.sold"), end: true, cell: (row) => <Amount value={row.sold} asset={row.asset} />, csv: (row) => row.sold },
    { key: "out", title: t("target.out"), end: true, cell: (row) => <Amount value={row.out} asset={row.asset} />, csv: (row) => row.out },
    { key: "left", title: t("target.left"), end: true, cell: (row) => <Amount value={row.left} asset={row.asset} />, csv: (row) => row.left },
    { key: "price", title: t("target.price"), end: true, cell: (row) => <Amount value={row.price} asset={story.asset} />, csv: (row) => row.price },
    { key: "floor", title: t("target.floor"), end: true, cell: (row) => <Amount value={row.floor} asset={story.asset} />, csv: (row) => row.floor },
  ]} />;
}

export function Sales({ story }: { story: Story }): ReactNode {
  const { t } = useTranslation("lending_sales");
  if (story.sales.length === 0) return <Empty title={t("sale.none")} />;
  const rows = story.sales.map((sale, place) => ({ ...sale, n: place + 1, average: averageOf(story.fills.filter((fill) => fill.order_id === sale.order_id)) }));
  return <Table name={t("sale.title")} rows={rows} rowKey={(row) => row.order_id} file="liquidation-sales" columns={[
    { key: "n", title: t("sale.n"), end: true, cell: (row) => row.n, csv: (row) => String(row.n) },
    { key: "order", title: t("sale.order"), cell: (row) => <Id value={row.order_id} />, csv: (row) => row.order_id },
    { key: "state", title: t("col.status"), cell: (row) => <Pill tone={row.ended ? "plain" : "info"}>{t(row.ended ? "sale.ended" : "sale.sent")}</Pill>, csv: (row) => (row.ended ? "ended" : "sent") },
    { key: "quantity", title: t("sale.offered"), end: true, cell: (row) => <Amount value={row.quantity} asset={row.asset} />, csv: (row) => row.quantity },
    { key: "floor", title: t("target.floor"), end: true, cell: (row) => <Amount value={row.floor} asset={story.asset} />, csv: (row) => row.floor },
    { key: "sold", title: t("target.sold"), end: true, cell: (row) => <Amount value={row.ended ? row.sold : null} asset={row.asset} />, csv: (row) => row.sold },
    { key: "average", title: t("sale.average"), end: true, cell: (row) => <Amount value={row.average} asset={story.asset} />, csv: (row) => row.average },
    { key: "proceeds", title: t("col.earned"), end: true, cell: (row) => <Amount value={row.ended ? row.proceeds : null} asset={story.asset} />, csv: (row) => row.proceeds },
  ]} />;
}

export function Fills({ story }: { story: Story }): ReactNode {
  const { t } = useTranslation("lending_sales");
  if (story.fills.length === 0) return <Empty title={t("fill.none")} />;
  const places = new Map(story.sales.map((sale, place) => [sale.order_id, { n: place + 1, asset: sale.asset }]));
  const rows = story.fills.map((fill) => ({ ...fill, n: places.get(fill.order_id)?.n ?? 0, asset: places.get(fill.order_id)?.asset ?? "" }));
  return <Table name={t("fill.title")} rows={rows} rowKey={(row) => `${row.venue} ${row.trade_id} ${row.order_id}`} file="liquidation-fills" columns={[
    { key: "n", title: t("sale.n"), end: true, cell: (row) => row.n, csv: (row) => String(row.n) },
    { key: "at", title: t("col.at"), cell: (row) => <When at={row.executed_at} />, csv: (row) => row.executed_at },
    { key: "venue", title: t("fill.venue"), cell: (row) => venueName(row.venue), csv: (row) => row.venue },
    { key: "quantity", title: t("target.sold"), end: true, cell: (row) => <Amount value={row.quantity} asset={row.asset} />, csv: (row) => row.quantity },
    { key: "price", title: t("fill.price"), end: true, cell: (row) => <Amount value={row.price} asset={story.asset} />, csv: (row) => row.price },
    { key: "received", title: t("fill.received"), end: true, cell: (row) => <Amount value={row.received} asset={story.asset} />, csv: (row) => row.received },
    { key: "trade", title: t("fill.trade"), cell: (row) => <code>{row.trade_id}</code>, csv: (row) => row.trade_id },
  ]} />;
}
