// From the ticket to what the API is asked for.

import type { Schemas } from "@/api/client";
import { canonical, ratio, type Decimal } from "@/money/decimal";
import type { Zone } from "@/time/format";
import { shows, type Draft } from "./draft";

export type Request =
  | { to: "order"; body: Schemas["OrderIn"] & { client_order_id: string } }
  | { to: "pair"; body: Schemas["PairIn"] & { limit_client_order_id: string } };

interface Context {
  symbol: string;
  zone: Zone;
  /** Ours, to find the order again when no answer came. */
  id: string;
  /** The best price that stood on the screen; null where there was none. */
  expected: Decimal | null;
}

export function expiryOf(expires: string, zone: Zone): string {
  return new Date(zone === "utc" ? `${expires}Z` : expires).toISOString();
}

export function requestOf(draft: Draft, { symbol, zone, id, expected }: Context): Request {
  const expires_at = draft.time === "gtd" ? expiryOf(draft.expires, zone) : null;
  const common = { symbol, side: draft.side, venue: draft.venue };
  if (draft.kind === "oco") {
    return {
      to: "pair",
      body: {
        ...common, quantity: canonical(draft.quantity), limit_price: canonical(draft.limit), stop_price: canonical(draft.stop),
        stop_limit_price: given(draft.stopLimit), time_in_force: draft.time === "gtd" ? "gtd" : "gtc", expires_at, limit_client_order_id: id,
      },
    };
  }
  const amount = shows.amount(draft);
  const limit = shows.limit(draft) ? given(draft.limit) : draft.kind === "take_profit" ? given(draft.stopLimit) : null;
  const checked = shows.tolerance(draft) && expected !== null;
  return {
    to: "order",
    body: {
      ...common, type: draft.kind, client_order_id: id, time_in_force: draft.time, expires_at, post_only: draft.postOnly, limit_price: limit,
      quantity: amount ? null : canonical(draft.quantity), quote_quantity: amount ? canonical(draft.amount) : null,
      stop_price: shows.stop(draft) ? given(draft.stop) : null, trail: trailOf(draft),
      display_quantity: draft.iceberg ? given(draft.display) : null,
      algo: draft.twap ? { twap: { duration_s: whole(draft.minutes) * 60, slices: whole(draft.slices) } } : null,
      ...(checked ? { expected_price: expected, tolerance: ratio(canonical(draft.tolerance), "100") } : {}),
    },
  };
}

function given(text: string): Decimal | null {
  return text.trim() === "" ? null : canonical(text);
}

function trailOf(draft: Draft): Schemas["TrailIn"] | null {
  if (!shows.trail(draft)) return null;
  const size = canonical(draft.trail);
  return draft.trailBy === "amount" ? { amount: size } : { fraction: ratio(size, "100", 12) };
}

/** A count (minutes, slices) is no amount: JSON wants a number. */
function whole(text: string): number {
  return JSON.parse(canonical(text)) as number;
}
