import type { UseInfiniteQueryResult, UseQueryResult } from "@tanstack/react-query";
import { api, ask } from "@/api/client";
import { useLive, useLivePages } from "../live";
import type { ColdDetail, ColdSpend } from "./wire";

export function useColdSpends(): UseInfiniteQueryResult<ColdSpend[]> {
  return useLivePages<ColdSpend>(["treasury", "cold"], (part) => ask(api.GET("/v1/treasury/cold-spends", { params: { query: part } })));
}

export function useColdSpend(id: string): UseQueryResult<ColdDetail> {
  return useLive(["treasury", "cold-spend", id], () => ask(api.GET("/v1/treasury/cold-spends/{id}", { params: { path: { id } } })));
}
