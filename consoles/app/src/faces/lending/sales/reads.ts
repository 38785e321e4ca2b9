// What the rooms of liquidations read and do. Sales go on by themselves, so they are read again while one looks.

import { useQuery, type UseQueryResult } from "@tanstack/react-query";
import { api, ask, type Schemas } from "@/api/client";
import type { KeyHeader } from "@/api/intent";
import { usePages, type Pages } from "@/faces/finance/parts/pages";
import { isOver } from "./model";

export type Liquidation = Schemas["LiquidationOut"];
export type Story = Schemas["LiquidationStory"];
export type Breaker = Schemas["lending__liquidation__schemas__BreakerOut"];

const LIVE_MS = 3_000;
const CALM_MS = 15_000;
const PAGE = 50;

export function useLiquidations(live: boolean): Pages<Liquidation> {
  const load = (cursor: string | null): Promise<Schemas["Page_LiquidationOut_"]> => ask(api.GET("/v1/lending/liquidations", {
    params: { query: { live, limit: PAGE, ...(cursor === null ? {} : { cursor }) } },
  }));
  return usePages<Liquidation>(["lending", "liquidations", live], load, () => (live ? LIVE_MS : CALM_MS));
}

export function useLiquidation(id: string): UseQueryResult<Story> {
  return useQuery({
    queryKey: ["lending", "liquidations", "one", id],
    queryFn: () => ask(api.GET("/v1/lending/liquidations/{id}", { params: { path: { id } } })),
    refetchInterval: ({ state }) => (state.data !== undefined && isOver(state.data) ? CALM_MS : LIVE_MS),
  });
}

export function useBreakers(): UseQueryResult<Breaker[]> {
  return useQuery({ queryKey: ["lending", "breakers"], refetchInterval: CALM_MS, queryFn: async () => (await ask(api.GET("/v1/lending/breakers"))).items });
}

/** What can be sold at all: the assets that some market sells. */
export function useSellable(): UseQueryResult<string[]> {
  return useQuery({
    queryKey: ["markets", "bases"], staleTime: 60_000,
    queryFn: async () => [...new Set((await ask(api.GET("/v1/markets"))).items.map(({ base }) => base))],
  });
}

const keyed = (id: string, header: KeyHeader): { params: { path: { id: string }; header: KeyHeader } } => ({ params: { path: { id }, header } });

export const setBreaker = (body: Schemas["BreakerIn"]): Promise<unknown> => ask(api.PUT("/v1/lending/breakers", { body }));
export const priceAgain = (id: string, reason: string, header: KeyHeader): Promise<unknown> => (
  ask(api.POST("/v1/lending/liquidations/{id}/price", { ...keyed(id, header), body: { reason } }))
);
export const writeOff = (id: string, header: KeyHeader): Promise<Schemas["WriteOffOut"]> => ask(api.POST("/v1/lending/liquidations/{id}/write-off", keyed(id, header)));
