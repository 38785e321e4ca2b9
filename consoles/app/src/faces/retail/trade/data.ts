// What the trade screen reads. The keys are shared by the retail face, so that an own event brings every panel up to date.

import { useQuery, type UseQueryResult } from "@tanstack/react-query";
import { useMemo, useState } from "react";
import { api, ask, type Schemas } from "@/api/client";
import { useLatestFills } from "@/faces/retail/orders/queries";
import { add, isZero, mul, ratio, type Decimal } from "@/money/decimal";

export type Market = Schemas["MarketOut"];
export type Order = Schemas["OrderOut"];
export type Stats = Schemas["StatsOut"];

export function useMarkets(): UseQueryResult<Market[]> {
  return useQuery({ queryKey: ["markets"], staleTime: 30_000, queryFn: async () => (await ask(api.GET("/v1/markets"))).items });
}

const statsOf = (symbol: string): { queryKey: string[]; refetchInterval: number; queryFn: () => Promise<Stats> } => ({
  queryKey: ["stats", symbol],
  refetchInterval: 10_000,
  queryFn: () => ask(api.GET("/v1/markets/{symbol}/stats", { params: { path: { symbol } } })),
});

export function useStats(symbol: string): UseQueryResult<Stats> {
  return useQuery(statsOf(symbol));
}

export function useBalances(): UseQueryResult<Schemas["BalanceOut"][]> {
  return useQuery({ queryKey: ["balances"], queryFn: async () => (await ask(api.GET("/v1/balances"))).items });
}

export function useFees(): UseQueryResult<Schemas["FeesOut"]> {
  return useQuery({ queryKey: ["fees"], staleTime: 60_000, queryFn: () => ask(api.GET("/v1/fees")) });
}

/** Own orders that wait for their price on this market. */
export function useRestingOrders(symbol: string): readonly Order[] {
  const { data } = useQuery({
    queryKey: ["orders", { status: "resting", limit: 200 }],
    queryFn: async () => (await ask(api.GET("/v1/orders", { params: { query: { status: "resting", limit: 200 } } }))).items,
  });
  const [kept, setKept] = useState<{ data: unknown; symbol: string; orders: readonly Order[] }>({ data: null, symbol, orders: [] });
  if (kept.data !== data || kept.symbol !== symbol) {
    const fresh = { data, symbol, orders: (data ?? []).filter((order) => order.symbol === symbol) };
    setKept(fresh);
    return fresh.orders;
  }
  return kept.orders;
}

export interface OwnFill {
  id: string;
  symbol: string;
  side: string;
  price: Decimal;
  quantity: Decimal;
  executed_at: string;
}

/** The latest own fills of a market, oldest first, as useOwnEvents keeps them. */
export function useOwnFills(symbol: string): readonly OwnFill[] {
  const { data } = useLatestFills();
  return useMemo(() => (data ?? []).filter((fill) => fill.symbol === symbol).reverse(), [data, symbol]);
}

/** What everything is worth in `quote`, at the last prices; null while unknown. Assets without a market to it do not count. */
export function usePortfolio(quote: string): Decimal | null {
  const { data: balances } = useBalances();
  const { data: markets } = useMarkets();
  const { data: prices } = useQuery({
    queryKey: ["stats", "all"],
    enabled: markets !== undefined,
    refetchInterval: 30_000,
    queryFn: async () => {
      const all = await Promise.allSettled((markets ?? []).map(({ symbol }) => statsOf(symbol).queryFn()));
      return all.flatMap((one) => (one.status === "fulfilled" ? [one.value] : []));
    },
  });
  if (balances === undefined || prices === undefined) return null;
  return balances.reduce((sum, { asset, posted }) => add(sum, worthOf(asset, posted, quote, prices)), "0");
}

function worthOf(asset: string, quantity: Decimal, quote: string, prices: readonly Stats[]): Decimal {
  if (asset === quote) return quantity;
  const direct = prices.find(({ symbol }) => symbol === `${asset}-${quote}`);
  if (direct !== undefined) return mul(quantity, direct.last);
  const inverse = prices.find(({ symbol }) => symbol === `${quote}-${asset}`);
  return inverse === undefined || isZero(inverse.last) ? "0" : ratio(quantity, inverse.last, 12);
}
