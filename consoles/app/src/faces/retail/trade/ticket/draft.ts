// What a customer has filled into the ticket. Everything is the text that was typed; which of it counts depends on the kind of order.

import type { Decimal } from "@/money/decimal";

export type Side = "buy" | "sell";
export const KINDS = ["market", "limit", "stop", "oco", "stop_limit", "take_profit", "trailing_stop"] as const;
export type Kind = (typeof KINDS)[number];
export type Time = "gtc" | "gtd" | "ioc" | "fok";

export interface Draft {
  side: Side;
  kind: Kind;
  /** A market order by quantity of the base, or by amount of the quote asset. */
  by: "base" | "quote";
  quantity: string;
  amount: string;
  limit: string;
  stop: string;
  /** The limit behind a reached stop, where it is a choice: take-profit and OCO. */
  stopLimit: string;
  trailBy: "amount" | "percent";
  trail: string;
  time: Time;
  /** As a datetime-local input says it, in the zone of the settings. */
  expires: string;
  postOnly: boolean;
  iceberg: boolean;
  display: string;
  twap: boolean;
  minutes: string;
  slices: string;
  venue: string;
  /** Percent by which the price may have become worse since it was shown. */
  tolerance: string;
}

export const FRESH: Draft = {
  side: "buy", kind: "market", by: "base", quantity: "", amount: "", limit: "", stop: "", stopLimit: "", trailBy: "percent", trail: "",
  time: "ioc", expires: "", postOnly: false, iceberg: false, display: "", twap: false, minutes: "10", slices: "10", venue: "best", tolerance: "0.2",
};

const WAITING: readonly Time[] = ["gtc", "gtd"];

/** The times in force that an order may have; the first is its default. */
export function timesOf(draft: Pick<Draft, "kind" | "twap">): readonly Time[] {
  if (draft.twap) return ["gtc"];
  if (draft.kind === "market") return ["ioc", "fok"];
  return draft.kind === "limit" ? ["gtc", "gtd", "ioc", "fok"] : WAITING;
}

export const waits = (draft: Draft): boolean => WAITING.includes(draft.time);

/** Which fields stand in the ticket for a kind of order. */
export const shows = {
  limit: (d: Draft): boolean => d.kind === "limit" || d.kind === "stop_limit" || d.kind === "oco",
  stop: (d: Draft): boolean => d.kind === "stop" || d.kind === "stop_limit" || d.kind === "take_profit" || d.kind === "oco",
  stopLimit: (d: Draft): boolean => d.kind === "take_profit" || d.kind === "oco",
  trail: (d: Draft): boolean => d.kind === "trailing_stop",
  amount: (d: Draft): boolean => d.kind === "market" && d.by === "quote",
  twap: (d: Draft): boolean => d.kind === "market" ? d.by === "base" : d.kind === "limit",
  postOnly: (d: Draft): boolean => d.kind === "limit" && waits(d) && !d.twap,
  iceberg: (d: Draft): boolean =>
    waits(d) && !d.twap && (d.kind === "limit" || d.kind === "stop_limit" || (d.kind === "take_profit" && d.stopLimit.trim() !== "")),
  tolerance: (d: Draft): boolean => d.kind === "market" && !d.twap,
} as const;

/** A change of the draft; what no longer goes together with it falls back. */
export function changed(before: Draft, part: Partial<Draft>): Draft {
  const after = { ...before, ...part };
  if (!shows.twap(after)) after.twap = false;
  const times = timesOf(after);
  if (!times.includes(after.time)) after.time = times[0] ?? "gtc";
  if (!shows.postOnly(after)) after.postOnly = false;
  if (!shows.iceberg(after)) after.iceberg = false;
  return after;
}

/** A price taken from the book: it goes where this kind of order has its price. */
export function withPrice(before: Draft, price: Decimal): Draft {
  if (before.kind === "stop" || before.kind === "take_profit") return changed(before, { stop: price });
  if (shows.limit(before)) return changed(before, { limit: price });
  return changed(before, { kind: "limit", limit: price, by: "base" });
}

/** After it was sent: the amounts go, so that nobody sends twice; the choices stay. */
export function emptied(before: Draft): Draft {
  return { ...before, quantity: "", amount: "", display: "" };
}
