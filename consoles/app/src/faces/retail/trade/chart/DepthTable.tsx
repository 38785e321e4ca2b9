import type { ReactNode } from "react";
import { useTranslation } from "react-i18next";
import { Skeleton } from "@/kit/states";
import { Table, type Column } from "@/kit/Table";
import { Amount, Price } from "@/kit/values";
import { grouped, type Group } from "../book/group";
import type { Market } from "../data";
import { useSampled } from "../useSampled";
import { Venues } from "../venues";

type Row = Group & { side: "buy" | "sell" };
const ALL = 100;

export default function DepthTable({ market }: { market: Market }): ReactNode {
  const { t } = useTranslation("retail");
  const book = useSampled("book", market.symbol);
  if (book === null) return <div className="panel-body"><Skeleton lines={8} /></div>;
  const side = (up: boolean): Group[] => grouped(up ? book.asks : book.bids, { step: market.tick, tick: market.tick, up, most: ALL });
  const rows: Row[] = [...side(true).map((group) => ({ ...group, side: "sell" as const })).reverse(), ...side(false).map((group) => ({ ...group, side: "buy" as const }))];
  const columns: Column<Row>[] = [
    { key: "side", title: t("trade.chart.side"), cell: (row) => t(row.side === "buy" ? "trade.venues.bid" : "trade.venues.ask"), csv: (row) => row.side },
    { key: "price", title: t("trade.tape.price"), end: true, cell: (row) => <Price value={row.price} tick={market.tick} />, csv: (row) => row.price },
    { key: "quantity", title: t("trade.tape.quantity"), end: true, cell: (row) => <Amount value={row.quantity} />, csv: (row) => row.quantity },
    { key: "total", title: t("trade.chart.total"), end: true, cell: (row) => <Amount value={row.total} />, csv: (row) => row.total },
    { key: "venue", title: t("trade.tape.venue"), cell: (row) => <Venues venues={row.venues} />, csv: (row) => row.venues.join(" ") },
  ];
  return (
    <div className="panel-body retail-chart-table">
      <Table name={t("trade.chart.depth")} columns={columns} rows={rows} rowKey={(row) => `${row.side} ${row.price} ${row.venues.join(" ")}`} file={`${market.symbol}-depth`} />
    </div>
  );
}
