// Everybody's subscriptions, page by page, and one with its plan.

import { useQuery, type UseQueryResult } from "@tanstack/react-query";
import { api, ask, type Schemas } from "@/api/client";
import { usePages, type Pages } from "@/faces/finance/parts/pages";

export type Subscription = Schemas["SubscriptionOut"];
export type Status = Subscription["status"];

const EVERY_MS = 10_000;

export function useSubscriptions(status: Status | ""): Pages<Subscription> {
  return usePages(["earn", "subscriptions", status], (cursor) => ask(api.GET("/v1/earn/subscriptions", {
    params: { query: { cursor, limit: 50, ...(status === "" ? {} : { status }) } },
  })), () => EVERY_MS);
}

export function useSubscription(id: string): UseQueryResult<Subscription> {
  return useQuery({
    queryKey: ["earn", "subscriptions", "one", id], refetchInterval: EVERY_MS,
    queryFn: () => ask(api.GET("/v1/earn/subscriptions/{id}", { params: { path: { id } } })),
  });
}
