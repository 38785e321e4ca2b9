// The routes under /v1/sandbox exist in a sandbox only, so they are not in the API's document; their shapes stand here.

import { useQuery, type UseQueryResult } from "@tanstack/react-query";
import { api, ask, idempotencyKey } from "@/api/client";

export interface Shown {
  bid: string | null;
  ask: string | null;
  mid: string | null;
  last: string | null;
  silent: boolean;
  mode: string;
}
export type Prices = Record<string, Record<string, Shown>>;

export interface Fault {
  id: string;
  venue: string;
  kind: string;
  operation: string;
  count: number | null;
  delay_ms: number;
  retry_after_s: number | null;
  hits: number;
}

export interface SeenOrder {
  client_order_id: string;
  venue_order_id: string;
  symbol: string;
  side: string;
  status: string;
  quantity: string;
  filled_quantity: string;
  average_price: string | null;
  limit_price: string | null;
  time_in_force: string | null;
  created_at: string;
}

export interface Play {
  id: string;
  state: "playing" | "done" | "failed";
  played: number;
  total: number | null;
  error: string | null;
  composite: string | { price: string | null } | null;
}

interface Init { body?: unknown; params?: { header: { "Idempotency-Key": string } } }
type Caller = Record<"GET" | "POST" | "DELETE", (path: string, init: Init) => Promise<{ data?: unknown; error?: unknown; response: Response }>>;

const raw = api as unknown as Caller; // the same client, with its cookie and CSRF token

export const read = <T>(path: string): Promise<T> => ask(raw.GET(`/v1/sandbox/${path}`, {})) as Promise<T>;
export const remove = (path: string): Promise<unknown> => ask(raw.DELETE(`/v1/sandbox/${path}`, {}));

/** `key`: where repeating would do a thing twice. */
export const post = <T>(path: string, body: unknown, key = idempotencyKey()): Promise<T> =>
  ask(raw.POST(`/v1/sandbox/${path}`, { body, params: { header: { "Idempotency-Key": key } } })) as Promise<T>;

export function usePrices(): UseQueryResult<Prices> {
  return useQuery({ queryKey: ["sandbox", "prices"], refetchInterval: 1_000, queryFn: () => read<Prices>("prices") });
}

/** The venues there are, told by the prices they show. */
export const venuesOf = (prices: Prices | undefined): string[] => Object.keys(Object.values(prices ?? {})[0] ?? {});
