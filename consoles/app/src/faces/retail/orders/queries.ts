// What is read about one's own orders. Everything lies under ["orders"], so that an own event brings all of it up to date.

import { skipToken, useQuery, type QueryClient, type UseQueryResult } from "@tanstack/react-query";
import { api, ask, type Schemas } from "@/api/client";
import { OPEN, type Fill, type Order } from "./model";

export const OPEN_KEY = ["orders", "open"] as const;
export const FILLS_KEY = ["fills", "latest"] as const;
const MOST = 200;

/** All open orders. The API lists one state at a time. */
export function useOpenOrders(): UseQueryResult<Order[]> {
  return useQuery({
    queryKey: OPEN_KEY,
    queryFn: async () => {
      const pages = await Promise.all(OPEN.map((status) => ask(api.GET("/v1/orders", { params: { query: { status, limit: MOST } } }))));
      // An order that moved on between two of these reads stands in both; the later news count.
      const found = new Map<string, Order>();
      for (const order of pages.flatMap((page) => page.items)) {
        const other = found.get(order.id);
        if (other === undefined || Date.parse(other.updated_at) <= Date.parse(order.updated_at)) found.set(order.id, order);
      }
      return [...found.values()];
    },
  });
}

/** The latest fills, as the feed tells them (useOwnEvents); the API has no list of fills. */
export function useLatestFills(): UseQueryResult<Fill[]> {
  return useQuery<Fill[]>({ queryKey: FILLS_KEY, queryFn: skipToken, staleTime: Infinity, gcTime: Infinity });
}

export function useOrder(id: string): UseQueryResult<Order> {
  return useQuery({ queryKey: ["orders", "one", id], queryFn: () => ask(api.GET("/v1/orders/{order_id}", { params: { path: { order_id: id } } })) });
}

export function useExecutionReport(id: string): UseQueryResult<Schemas["ExecutionReportOut"]> {
  return useQuery({
    queryKey: ["orders", "report", id],
    queryFn: () => ask(api.GET("/v1/orders/{order_id}/execution-report", { params: { path: { order_id: id } } })),
  });
}

export async function refreshOrders(client: QueryClient): Promise<void> {
  await Promise.all([client.invalidateQueries({ queryKey: ["orders"] }), client.invalidateQueries({ queryKey: ["balances"] })]);
}
