// What the rooms of funding lines read and do.

import { useQuery, type UseQueryResult } from "@tanstack/react-query";
import { api, ask, type Schemas } from "@/api/client";
import type { KeyHeader } from "@/api/intent";
import type { Line } from "./model";

export type LineStory = Schemas["FundingLineStory"];

const EVERY_MS = 10_000;

export function useLines(): UseQueryResult<Line[]> {
  return useQuery({ queryKey: ["lending", "funding"], refetchInterval: EVERY_MS, queryFn: async () => (await ask(api.GET("/v1/lending/funding-lines"))).items });
}

export function useLine(id: string): UseQueryResult<LineStory> {
  return useQuery({
    queryKey: ["lending", "funding", id], refetchInterval: EVERY_MS,
    queryFn: () => ask(api.GET("/v1/lending/funding-lines/{id}", { params: { path: { id } } })),
  });
}

/** Every asset that some market knows. */
export function useAssets(): UseQueryResult<string[]> {
  return useQuery({
    queryKey: ["markets", "assets"], staleTime: 60_000,
    queryFn: async () => [...new Set((await ask(api.GET("/v1/markets"))).items.flatMap(({ base, quote }) => [quote, base]))],
  });
}

// The answers are the line where it is done, or name the approval where a second person decides.
export const openLine = (body: Schemas["FundingLineIn"], header: KeyHeader): Promise<unknown> => ask(api.POST("/v1/lending/funding-lines", { body, params: { header } }));
export const changeLine = (id: string, body: Schemas["FundingLineChange"], header: KeyHeader): Promise<unknown> => (
  ask(api.PATCH("/v1/lending/funding-lines/{id}", { body, params: { path: { id }, header } }))
);
