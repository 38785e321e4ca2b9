// What the market showed, and a price that people enter while it cannot be believed.

import type { Schemas } from "@/api/client";
import { canonical, compare, isDecimal, larger, lessThan, sign, smaller, type Decimal } from "@/money/decimal";

export interface SeenPrice {
  asset: string;
  price: Decimal | null;
  state: string;
  ageMs: number | null;
  enteredId: string | null;
  venues: { venue: string; price: Decimal | null; used: boolean }[];
}

/** What the market showed, as it was kept: of a venue its middle price, or what people said that it showed. */
export function seenOf(prices: { [asset: string]: unknown }): SeenPrice[] {
  return Object.entries(prices).map(([asset, kept]) => ({ asset, ...oneSeen(kept) }));
}

const parts = (value: unknown): Record<string, unknown> => (typeof value === "object" && value !== null ? { ...value } : {});

export function oneSeen(kept: unknown): Omit<SeenPrice, "asset"> {
  const { price, state, age_ms: age, entered_id: entered, venues } = parts(kept);
  const shown = (value: unknown): Decimal | null => (typeof value === "string" ? value : null);
  return {
    price: shown(price), state: shown(state) ?? "", ageMs: typeof age === "number" ? age : null, enteredId: shown(entered),
    venues: (Array.isArray(venues) ? venues : []).map((one: unknown) => {
      const { venue, mid, price: said, used } = parts(one);
      return { venue: shown(venue) ?? "", price: shown(mid) ?? shown(said), used: used !== false };
    }),
  };
}

// ----------------------------------------------------------------------------------------------------------------------- entering

export type EntryBody = Schemas["EntryIn"];

export interface Draft {
  /** A price to stand in for the market's, or the wish that the freeze may last. */
  what: "price" | "last";
  market: string;
  price: string;
  venues: { venue: string; price: string }[];
  minutes: string;
  reason: string;
}

export const FEWEST_VENUES = 2;
export const MOST_MINUTES = "60";
const EMPTY = { venue: "", price: "" };

export const newDraft = (market: string): Draft => ({ what: "price", market, price: "", venues: [EMPTY, EMPTY], minutes: "15", reason: "" });

const positive = (text: string): Decimal | null => (isDecimal(text) && sign(canonical(text)) > 0 ? canonical(text) : null);

/** Those rows of which something was typed. */
const typedOf = (draft: Draft): Draft["venues"] => draft.venues.filter(({ venue, price }) => venue.trim() !== "" || price.trim() !== "");

/** What is still wrong, as the server would say; null where it can be asked for. */
export function faultOf(draft: Draft): "market" | "price" | "venues" | "twice" | "between" | "minutes" | "reason" | null {
  if (draft.market === "") return "market";
  if (draft.what === "price") {
    const price = positive(draft.price);
    if (price === null) return "price";
    const typed = typedOf(draft);
    const shown = typed.map((one) => positive(one.price)).filter((one) => one !== null);
    const names = new Set(typed.map(({ venue }) => venue.trim()));
    if (shown.length < typed.length || names.has("") || typed.length < FEWEST_VENUES) return "venues";
    if (names.size < typed.length) return "twice";
    if (lessThan(price, shown.reduce(smaller)) || compare(price, shown.reduce(larger)) > 0) return "between";
  }
  if (!/^[1-9]\d?$/.test(draft.minutes.trim()) || compare(draft.minutes.trim(), MOST_MINUTES) > 0) return "minutes";
  return draft.reason.trim() === "" ? "reason" : null;
}

/** Only of a draft without a fault. */
export function bodyOf(draft: Draft): EntryBody {
  const [asset = "", quote = ""] = draft.market.split("-");
  const common = { asset, quote, minutes: JSON.parse(draft.minutes) as EntryBody["minutes"], reason: draft.reason.trim() };
  if (draft.what === "last") return { ...common, price: null, venues: [] };
  return { ...common, price: canonical(draft.price), venues: typedOf(draft).map(({ venue, price }) => ({ venue: venue.trim(), price: canonical(price) })) };
}
