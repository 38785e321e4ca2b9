// What is owed to customers, what stands against it, and what it costs.

import { useQuery, type UseQueryResult } from "@tanstack/react-query";
import { api, ask, type Schemas } from "@/api/client";

export type Ladder = Schemas["EarnLadderOut"];
export type Rungs = Ladder["assets"][number];
export type Cover = Schemas["EarnCoverOut"];
export type Coverage = Schemas["EarnCoverageOut"];
export type Costs = Schemas["EarnCostsOut"];

const EVERY_MS = 30_000;

export function useLadder(): UseQueryResult<Ladder> {
  return useQuery({ queryKey: ["earn", "ladder"], refetchInterval: EVERY_MS, queryFn: () => ask(api.GET("/v1/earn/ladder")) });
}

export function useCoverage(): UseQueryResult<Coverage> {
  return useQuery({ queryKey: ["earn", "coverage"], refetchInterval: EVERY_MS, queryFn: () => ask(api.GET("/v1/earn/coverage")) });
}

/** Without days: the last thirty. */
export function useCosts(from: string, to: string): UseQueryResult<Costs> {
  return useQuery({
    queryKey: ["earn", "costs", from, to], refetchInterval: EVERY_MS,
    queryFn: () => ask(api.GET("/v1/earn/costs", { params: { query: { ...(from === "" ? {} : { from }), ...(to === "" ? {} : { to }) } } })),
  });
}
