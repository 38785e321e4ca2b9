import type { ReactNode } from "react";
import { useTranslation } from "react-i18next";
import { Empty, Loaded } from "@/kit/states";
import { Table, type Column } from "@/kit/Table";
import { Amount, Price, When } from "@/kit/values";
import type { Market } from "../data";
import { useCandles, type Candle, type Interval } from "./intervals";

const REFRESH_MS = 5000;

/** The candles in words, newest first; the file has the same. */
export default function CandleTable({ market, interval }: { market: Market; interval: Interval }): ReactNode {
  const { t } = useTranslation("retail");
  const query = useCandles(market.symbol, interval, REFRESH_MS);
  const price = (key: "open" | "high" | "low" | "close"): Column<Candle> => ({
    key, title: t(`trade.chart.${key}`), end: true, cell: (row) => <Price value={row[key]} tick={market.tick} />, csv: (row) => row[key],
  });
  const columns: Column<Candle>[] = [
    { key: "at", title: t("trade.chart.at"), cell: (row) => <When at={row.open_time} />, csv: (row) => row.open_time },
    price("open"), price("high"), price("low"), price("close"),
    { key: "volume", title: t("trade.chart.volume", { asset: market.base }), end: true, cell: (row) => <Amount value={row.volume} />, csv: (row) => row.volume },
  ];
  return (
    <div className="panel-body retail-chart-table">
      <Loaded query={query} empty={<Empty title={t("trade.chart.none")} />}>
        {(candles) => <Table name={t("trade.chart.candles")} columns={columns} rows={candles.toReversed().slice(0, 200)} rowKey={(row) => row.open_time} file={`${market.symbol}-${interval}`} />}
      </Loaded>
    </div>
  );
}
