import { useQuery, type UseInfiniteQueryResult, type UseQueryResult } from "@tanstack/react-query";
import { api, ask } from "@/api/client";
import { usePages } from "@/faces/retail/pages";
import type { ColdDetail, ColdSpend } from "./wire";

const LIVE_MS = 4_000;

export function useColdSpends(): UseInfiniteQueryResult<ColdSpend[]> {
  return usePages<ColdSpend>(
    ["treasury", "cold"], (cursor) => ask(api.GET("/v1/treasury/cold-spends", { params: { query: { limit: 50, ...(cursor === null ? {} : { cursor }) } } })), LIVE_MS,
  );
}

export function useColdSpend(id: string): UseQueryResult<ColdDetail> {
  return useQuery({
    queryKey: ["treasury", "cold-spend", id], refetchInterval: LIVE_MS, queryFn: () => ask(api.GET("/v1/treasury/cold-spends/{id}", { params: { path: { id } } })),
  });
}
