// The markets, by symbol: their ticks say how prices are written.

import { useQuery, type UseQueryResult } from "@tanstack/react-query";
import { useMemo } from "react";
import { api, ask, type Schemas } from "@/api/client";

export type Market = Schemas["MarketOut"];

export function useMarketList(): UseQueryResult<Market[]> {
  return useQuery({ queryKey: ["markets"], staleTime: 30_000, queryFn: async () => (await ask(api.GET("/v1/markets"))).items });
}

export function useMarkets(): ReadonlyMap<string, Market> {
  const { data } = useMarketList();
  return useMemo(() => new Map((data ?? []).map((market) => [market.symbol, market])), [data]);
}

/** "BTC-USDT" → ["BTC", "USDT"]. */
export function assetsOf(symbol: string): [base: string, quote: string] {
  const [base = symbol, quote = ""] = symbol.split("-");
  return [base, quote];
}
