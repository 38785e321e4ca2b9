// Candles or depth, each also as a table. The chart library is loaded only when a chart is shown.

import { Suspense, useMemo, useState, type ReactNode } from "react";
import { useTranslation } from "react-i18next";
import { Button } from "@/kit/Button";
import { part } from "@/kit/part";
import { Skeleton } from "@/kit/states";
import { useOwnFills, useRestingOrders, type Market } from "../data";
import { Segmented } from "../Segmented";
import { INTERVALS, type Interval } from "./intervals";

const CandleView = part(() => import("./CandleView"));
const CandleTable = part(() => import("./CandleTable"));
const DepthTable = part(() => import("./DepthTable"));
const DepthView = part(() => import("./DepthView"));

export function ChartPanel({ market }: { market: Market }): ReactNode {
  const { t } = useTranslation("retail");
  const [what, setWhat] = useState<"candles" | "depth">("candles");
  const [interval, setInterval] = useState<Interval>("1m");
  const [table, setTable] = useState(false);
  return (
    <section className="panel retail-chart" aria-label={t("trade.chart.title")}>
      <header>
        <Segmented label={t("trade.chart.what")} value={what} onChange={setWhat} small
          choices={[{ id: "candles", text: t("trade.chart.candles") }, { id: "depth", text: t("trade.chart.depth") }]} />
        {what === "candles" && (
          <Segmented label={t("trade.chart.interval")} value={interval} onChange={setInterval} small choices={INTERVALS.map((id) => ({ id, text: id }))} />
        )}
        <Button kind="quiet" onPress={() => { setTable(!table); }}>{t(table ? "trade.chart.as_chart" : "trade.chart.as_table")}</Button>
      </header>
      <Suspense fallback={<div className="retail-candles panel-body"><Skeleton lines={8} /></div>}>
        {what === "candles" && (table ? <CandleTable market={market} interval={interval} /> : <Candles key={interval} market={market} interval={interval} />)}
        {what === "depth" && (table ? <DepthTable market={market} /> : <DepthView market={market} />)}
      </Suspense>
    </section>
  );
}

function Candles({ market, interval }: { market: Market; interval: Interval }): ReactNode {
  const { t } = useTranslation("retail");
  const orders = useRestingOrders(market.symbol);
  const fills = useOwnFills(market.symbol);
  const lines = useMemo(() => orders.flatMap((order) => {
    const price = order.limit_price ?? order.stop_price ?? order.trail?.stop_price ?? null;
    if (price === null) return [];
    return [{ id: order.id, price, side: order.side, dashed: order.limit_price === null, title: `${t(`trade.side.${order.side}`)} ${order.quantity}` }];
  }), [orders, t]);
  return <CandleView market={market} interval={interval} lines={lines} fills={fills} />;
}
