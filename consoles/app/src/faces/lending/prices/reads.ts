// What the room of prices reads. Freezes begin and end by themselves.

import { useQuery, type UseQueryResult } from "@tanstack/react-query";
import { api, ask, type Schemas } from "@/api/client";
import type { KeyHeader } from "@/api/intent";
import { usePages, type Pages } from "@/faces/finance/parts/pages";

export type Freeze = Schemas["FreezeOut"];
export type Entry = Schemas["PriceEntryOut"];

const LIVE_MS = 5_000;
const PAGE = 50;

export function useFreezes(): UseQueryResult<Freeze[]> {
  return useQuery({ queryKey: ["lending", "freezes"], refetchInterval: LIVE_MS, queryFn: async () => (await ask(api.GET("/v1/lending/freezes"))).items });
}

export function useEntries(): Pages<Entry> {
  const load = (cursor: string | null): Promise<Schemas["Page_PriceEntryOut_"]> => ask(api.GET("/v1/lending/entered-prices", {
    params: { query: { limit: PAGE, ...(cursor === null ? {} : { cursor }) } },
  }));
  return usePages<Entry>(["lending", "entered-prices"], load, () => LIVE_MS);
}

export function useMarketNames(): UseQueryResult<string[]> {
  return useQuery({ queryKey: ["markets", "names"], staleTime: 60_000, queryFn: async () => (await ask(api.GET("/v1/markets"))).items.map(({ symbol }) => symbol) });
}

/** What each venue of a market shows at this moment, as far as it shows anything. */
export function useShown(symbol: string): UseQueryResult<Schemas["QuotesOut"]> {
  return useQuery({
    queryKey: ["quotes", symbol], enabled: symbol !== "", refetchInterval: LIVE_MS,
    queryFn: () => ask(api.GET("/v1/markets/{symbol}/quotes", { params: { path: { symbol } } })),
  });
}

export const enter = (body: Schemas["EntryIn"], header: KeyHeader): Promise<Entry> => ask(api.POST("/v1/lending/entered-prices", { body, params: { header } }));
