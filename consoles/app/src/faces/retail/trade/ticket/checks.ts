// What the market will not take is said beside the field, in words, before anything is sent. The server checks all of it again.

import type { Schemas } from "@/api/client";
import { add, atLeast, canonical, compare, isDecimal, isZero, lessThan, mul, ratio, sign, sub, toGrid, type Decimal } from "@/money/decimal";
import type { Zone } from "@/time/format";
import { expiryOf } from "./body";
import { shows, type Draft } from "./draft";
import { stopEdge } from "./estimate";

export type Field = "quantity" | "amount" | "limit" | "stop" | "stopLimit" | "trail" | "display" | "minutes" | "slices" | "expires" | "tolerance";
export interface Complaint {
  /** Key under `trade.check`. */
  key: string;
  values?: Record<string, string>;
}
export type Complaints = Partial<Record<Field, Complaint>>;

export interface Surroundings {
  market: Schemas["MarketOut"];
  /** The composite; null while nobody knows it. */
  price: Decimal | null;
  /** The worst price of a market order. */
  edge: Decimal | null;
  feeRate: Decimal;
  available: { base: Decimal; quote: Decimal } | null;
  zone: Zone;
  /** The time of the composite: the server's clock, not this machine's. */
  now: string | null;
}

/** Every complaint about the draft; empty fields among them, as `needed`. */
export function complaints(draft: Draft, around: Surroundings): Complaints {
  const found: Complaints = {};
  const say = (field: Field, complaint: Complaint | null): void => {
    if (complaint !== null) found[field] ??= complaint;
  };
  const { market } = around;
  const prices = { limit: shows.limit(draft), stop: shows.stop(draft), stopLimit: shows.stopLimit(draft) && draft.stopLimit.trim() !== "" };
  for (const field of ["limit", "stop", "stopLimit"] as const) {
    if (prices[field]) say(field, positive(draft[field]) ?? onGrid(draft[field], market.tick, "tick", market.quote));
  }
  if (shows.trail(draft)) say("trail", checkTrail(draft, market));
  if (shows.amount(draft)) say("amount", checkAmount(draft, around));
  else say("quantity", checkQuantity(draft, around, found));
  if (draft.iceberg) say("display", checkDisplay(draft, around));
  if (draft.twap) checkSlices(draft, around, say);
  if (draft.time === "gtd") say("expires", checkExpiry(draft, around));
  if (shows.tolerance(draft)) say("tolerance", positive(draft.tolerance, true));
  checkSides(draft, around, found, say);
  return found;
}

function positive(text: string, zero = false): Complaint | null {
  if (text.trim() === "") return { key: "needed" };
  if (!isDecimal(text)) return { key: "number" };
  const way = sign(canonical(text));
  return way > 0 || (zero && way === 0) ? null : { key: "positive" };
}

function onGrid(text: string, step: Decimal, key: "tick" | "lot", asset: string): Complaint | null {
  const value = canonical(text);
  const nearest = toGrid(value, step);
  return compare(value, nearest) === 0 ? null : { key, values: { step, nearest: isZero(nearest) ? step : nearest, asset } };
}

/** The price at which an order is counted against the minimum. */
function worthAt(draft: Draft, around: Surroundings, found: Complaints): Decimal | null {
  if (shows.limit(draft) && found.limit === undefined) return canonical(draft.limit);
  if (shows.stop(draft) && found.stop === undefined) return canonical(draft.stop);
  return around.price;
}

function checkQuantity(draft: Draft, around: Surroundings, found: Complaints): Complaint | null {
  const { market, available } = around;
  const wrong = positive(draft.quantity) ?? onGrid(draft.quantity, market.lot, "lot", market.base);
  if (wrong !== null) return wrong;
  const quantity = canonical(draft.quantity);
  const price = worthAt(draft, around, found);
  if (price !== null && lessThan(mul(quantity, price), market.min_notional)) return minimum(market);
  if (available === null) return null;
  if (draft.side === "sell") return lessThan(available.base, quantity) ? short(available.base, market.base) : null;
  const worst = worstPrice(draft, around, found);
  if (worst === null) return null;
  const needed = mul(mul(quantity, worst), add("1", around.feeRate));
  return lessThan(available.quote, needed) ? short(available.quote, market.quote, needed, market.tick) : null;
}

/** What is held for a buy: its worst price with the fee. */
export function worstPrice(draft: Draft, around: Pick<Surroundings, "edge" | "price">, found: Complaints = {}): Decimal | null {
  const usable = (field: "limit" | "stop" | "stopLimit"): Decimal | null =>
    found[field] === undefined && isDecimal(draft[field]) ? canonical(draft[field]) : null;
  switch (draft.kind) {
    case "market": return draft.twap && around.price !== null ? stopEdge(around.price) : around.edge;
    case "limit": case "stop_limit": return usable("limit");
    case "take_profit": return usable("stopLimit") ?? (usable("stop") === null ? null : stopEdge(canonical(draft.stop)));
    case "stop": case "oco": return usable("stop") === null ? null : (usable("stopLimit") ?? stopEdge(canonical(draft.stop)));
    case "trailing_stop": return around.price === null ? null : stopEdge(around.price);
  }
}

function minimum(market: Schemas["MarketOut"]): Complaint {
  return { key: "minimum", values: { minimum: market.min_notional, asset: market.quote } };
}

function short(available: Decimal, asset: string, needed?: Decimal, step?: Decimal): Complaint {
  if (needed === undefined || step === undefined) return { key: "short", values: { available, asset } };
  return { key: "short_buy", values: { available, asset, needed: toGrid(add(needed, step), step) } };
}

function checkAmount(draft: Draft, { market, available, price }: Surroundings): Complaint | null {
  const wrong = positive(draft.amount);
  if (wrong !== null) return wrong;
  const amount = canonical(draft.amount);
  if (lessThan(amount, market.min_notional)) return minimum(market);
  if (available === null) return null;
  if (draft.side === "buy") return lessThan(available.quote, amount) ? short(available.quote, market.quote) : null;
  return price !== null && lessThan(mul(available.base, price), amount) ? short(available.base, market.base) : null;
}

function checkTrail(draft: Draft, market: Schemas["MarketOut"]): Complaint | null {
  const wrong = positive(draft.trail);
  if (wrong !== null) return wrong;
  if (draft.trailBy === "percent") return lessThan("50", canonical(draft.trail)) ? { key: "trail" } : null;
  return onGrid(draft.trail, market.tick, "tick", market.quote);
}

function checkDisplay(draft: Draft, { market, price }: Surroundings): Complaint | null {
  const wrong = positive(draft.display) ?? onGrid(draft.display, market.lot, "lot", market.base);
  if (wrong !== null) return wrong;
  const display = canonical(draft.display);
  if (isDecimal(draft.quantity) && lessThan(canonical(draft.quantity), display)) return { key: "display" };
  return price !== null && lessThan(mul(display, price), market.min_notional) ? minimum(market) : null;
}

const isCount = (text: string): boolean => /^\d{1,6}$/.test(text.trim());

function checkSlices(draft: Draft, { market, price }: Surroundings, say: (field: Field, complaint: Complaint | null) => void): void {
  const within = (text: string, least: string, most: string): boolean => isCount(text) && atLeast(text.trim(), least) && atLeast(most, text.trim());
  if (!within(draft.minutes, "1", "10080")) say("minutes", { key: "minutes" });
  if (!within(draft.slices, "2", "500")) { say("slices", { key: "slices" }); return; }
  if (price === null || !isDecimal(draft.quantity)) return;
  const each = toGrid(ratio(canonical(draft.quantity), canonical(draft.slices), 18), market.lot);
  if (isZero(each) || lessThan(mul(each, price), market.min_notional)) say("slices", minimum(market));
}

function checkExpiry(draft: Draft, { zone, now }: Surroundings): Complaint | null {
  if (draft.expires === "" || Number.isNaN(Date.parse(draft.expires))) return { key: "needed" };
  return now !== null && Date.parse(expiryOf(draft.expires, zone)) <= Date.parse(now) ? { key: "past" } : null;
}

/** A stop lies beyond the market, a take-profit before it, and the legs of a pair on both sides of it. */
function checkSides(draft: Draft, { price }: Surroundings, found: Complaints, say: (field: Field, complaint: Complaint | null) => void): void {
  if (price === null) return;
  const beyond = (field: "limit" | "stop", above: boolean): void => {
    if (found[field] !== undefined) return;
    const distance = sign(sub(canonical(draft[field]), price));
    if (above ? distance <= 0 : distance >= 0) say(field, { key: above ? "above" : "below", values: { price } });
  };
  const buy = draft.side === "buy";
  if (draft.kind === "stop" || draft.kind === "stop_limit" || draft.kind === "oco") beyond("stop", buy);
  if (draft.kind === "take_profit") beyond("stop", !buy);
  if (draft.kind === "oco") beyond("limit", !buy);
}
