// How healthy today's debt would have been at the prices since the loan began. What really happened stands in the timeline; this shows how
// much room there was, and how near it came.

import { useQueries } from "@tanstack/react-query";
import type { ReactNode } from "react";
import { api, ask, type Schemas } from "@/api/client";
import { CurveChart } from "@/charts/CurveChart";
import type { Point } from "@/charts/curves";
import { Empty, Failed, Skeleton } from "@/kit/states";
import { Table } from "@/kit/Table";
import { Amount, When } from "@/kit/values";
import { add, isZero, mul, ratio, type Decimal } from "@/money/decimal";
import type { Loan } from "../reads";
import { useWords } from "../words";

type Candle = Schemas["CandleOut"];
const MOST = 500;
const HOUR_S = 3_600;

export function Health({ loan }: { loan: Loan }): ReactNode {
  const { t } = useWords();
  const held = loan.collateral.filter(({ quantity }) => !isZero(quantity));
  const since = loan.events.find(({ kind }) => kind === "opened")?.at ?? `${loan.opened_on}T00:00:00Z`;
  const interval = intervalOf(since);
  const queries = useQueries({ queries: held.map(({ asset }) => ({
    queryKey: ["candles", `${asset}-${loan.asset}`, interval, since], refetchInterval: 30_000,
    queryFn: async () => (await ask(api.GET("/v1/markets/{symbol}/candles", {
      params: { path: { symbol: `${asset}-${loan.asset}` }, query: { interval, from: since, limit: MOST } },
    }))).items,
  })) });
  const failed = queries.find((query) => query.isError);
  if (failed !== undefined) return <Failed error={failed.error} retry={() => void failed.refetch()} />;
  if (queries.some((query) => query.data === undefined)) return <Skeleton lines={6} />;
  const points = past(loan, held.map(({ quantity }, at) => ({ quantity, candles: queries[at]?.data ?? [] })));
  const first = points[0];
  const last = points.at(-1);
  if (first === undefined || last === undefined || points.length < 2) return <Empty title={t("health.young")} />;
  return (
    <div className="stack">
      <p className="dim">{t("health.note")}</p>
      <CurveChart label={t("health.label")} ends={[<When key="from" at={first.at} />, <When key="to" at={last.at} />]}
        curves={[{ name: t("health.curve"), tone: "accent", points: points.map(({ point }) => point) }]} marks={[{ name: t("health.line"), tone: "bad", value: "1" }]}
        table={<Table name={t("health.title")} rows={points} rowKey={(row) => row.at} file="loan-health" columns={[
          { key: "at", title: t("health.at"), cell: (row) => <When at={row.at} />, csv: (row) => row.at },
          { key: "health", title: t("loan.health"), end: true, cell: (row) => <Amount value={row.point.y} />, csv: (row) => row.point.y },
        ]} />} />
    </div>
  );
}

/** Few enough candles for the whole life of the loan. */
function intervalOf(since: string): string {
  const hours = Math.floor((Date.now() - Date.parse(since)) / 1000 / HOUR_S);
  if (hours <= 8) return "1m";
  if (hours <= 24 * 4) return "15m";
  return hours <= 24 * 20 ? "1h" : "1d";
}

/** Health moves with what the collateral is worth: today's, times the worth then over the worth now. */
function past(loan: Loan, parts: readonly { quantity: Decimal; candles: readonly Candle[] }[]): { at: string; point: Point }[] {
  const [leading, ...others] = parts;
  const { health, value } = loan;
  if (leading === undefined || health === null || value === null || isZero(value)) return [];
  const closes = others.map(({ quantity, candles }) => ({ quantity, at: new Map(candles.map((candle) => [candle.open_time, candle.close])) }));
  return leading.candles.flatMap((candle) => {
    const rest = closes.map(({ quantity, at }) => ({ quantity, close: at.get(candle.open_time) }));
    if (rest.some(({ close }) => close === undefined)) return [];
    const then = rest.reduce((sum, { quantity, close }) => add(sum, mul(quantity, close ?? "0")), mul(leading.quantity, candle.close));
    return [{ at: candle.open_time, point: { x: String(Math.floor(Date.parse(candle.open_time) / 1000)), y: ratio(mul(health, then), value, 4) } }];
  });
}
