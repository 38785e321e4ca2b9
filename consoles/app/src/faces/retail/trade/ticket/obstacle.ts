// Why an order cannot be sent at this moment. Nobody trades on a price that nobody vouches for.

import type { Schemas } from "@/api/client";
import { useAge, useFeedStatus } from "@/feed/hooks";
import type { Market } from "../data";
import type { Draft } from "./draft";

/** Quotes are told at least once a second: silence of this length means that they are old. */
export const STALE_S = 5;

export interface Obstacle {
  /** Key under `trade.obstacle`. */
  key: string;
  values?: { seconds?: number; venue?: string };
}

export function useObstacle(market: Market, draft: Pick<Draft, "kind" | "venue">, quotes: Schemas["QuotesOut"] | null): Obstacle | null {
  const status = useFeedStatus();
  const age = useAge(`quotes:${market.symbol}`);
  if (market.status !== "trading") return { key: "paused" };
  if (quotes === null) return { key: "waiting" };
  if (age !== null && age > STALE_S) return { key: "stale", values: { seconds: age } };
  if (status !== "live") return { key: "offline" };
  return draft.kind === "market" ? marketObstacle(quotes, draft.venue) : null;
}

function marketObstacle({ composite, venues }: Schemas["QuotesOut"], venue: string): Obstacle | null {
  if (composite.price === null || composite.state === "HALT") return { key: "halted" };
  if (composite.state === "SINGLE" && venue === "best") return { key: "single" };
  const until = composite.market_orders_paused_until;
  if (until !== null && (composite.as_of === null || Date.parse(until) > Date.parse(composite.as_of))) return { key: "jumped" };
  const named = venues.find((quote) => quote.venue === venue);
  if (venue !== "best" && named?.state !== "SYNCED") return { key: "venue", values: { venue } };
  return null;
}
