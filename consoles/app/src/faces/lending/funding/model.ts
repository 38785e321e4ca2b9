// A funding line while it is typed: amounts as texts, the rate in percent a year as people say it and a fraction on the wire.

import type { Schemas } from "@/api/client";
import { add, canonical, compare, isDecimal, isZero, lessThan, mul, ratio, sign, total, type Decimal } from "@/money/decimal";

export type Line = Schemas["FundingLineOut"];
type Body = Schemas["FundingLineIn"];
type Change = Schemas["FundingLineChange"];

export const ADAPTERS = ["ledger", "bitfinex"] as const satisfies readonly Body["adapter"][];
export const DAY_COUNTS = ["actual/365", "actual/360", "actual/actual", "30/360", "30e/360"] as const satisfies readonly Body["day_count"][];
const HIGHEST_PERCENT = "1000";

export interface Draft {
  name: string;
  adapter: Body["adapter"];
  source: string;
  asset: string;
  limit: string;
  percent: string;
  day_count: Body["day_count"];
}

export const NEW: Draft = { name: "", adapter: "ledger", source: "", asset: "USDT", limit: "", percent: "", day_count: "actual/365" };

const amount = (text: string): Decimal | null => (isDecimal(text) && sign(canonical(text)) >= 0 ? canonical(text) : null);

/** The fraction of a rate in percent; null where it is none that a line may have. */
export function rateOf(percent: string): Decimal | null {
  const typed = amount(percent);
  return typed === null || compare(typed, HIGHEST_PERCENT) > 0 ? null : mul(typed, "0.01");
}

export const percentOf = (rate: Decimal): string => mul(rate, "100");

/** The line as the API wants it; null while something is missing. At a venue the source is the venue itself. */
export function bodyOf(draft: Draft): Body | null {
  const [limit, rate] = [amount(draft.limit), rateOf(draft.percent)];
  const source = draft.adapter === "ledger" ? draft.source.trim() : draft.adapter;
  if (limit === null || rate === null || draft.name.trim() === "" || source === "" || draft.asset === "") return null;
  return { name: draft.name.trim(), adapter: draft.adapter, source, asset: draft.asset, limit, rate, day_count: draft.day_count };
}

/** Only what differs; null where nothing does or it is no amount, "low" for a limit below what is drawn and asked for. */
export function changeOf(line: Line, draft: { limit: string; percent: string }): Change | "low" | null {
  const [limit, rate] = [amount(draft.limit), rateOf(draft.percent)];
  if (limit === null || rate === null) return null;
  if (lessThan(limit, total([line.drawn, line.asked]))) return "low";
  const change: Change = { ...(compare(limit, line.limit) === 0 ? {} : { limit }), ...(compare(rate, line.rate) === 0 ? {} : { rate }) };
  return Object.keys(change).length === 0 ? null : change;
}

export const usedOf = ({ drawn, limit }: Pick<Line, "drawn" | "limit">): Decimal | null => (isZero(limit) ? null : ratio(drawn, limit, 6));

/** The products of which some version is paid from the line. */
export function productsOn(line: string, products: readonly { id: string; funding_line_id: string }[]): ReadonlySet<string> {
  return new Set(products.filter((one) => one.funding_line_id === line).map(({ id }) => id));
}

type SpreadDay = Schemas["SpreadOut"];
export type ProductSum = Pick<SpreadDay, "product_id" | "name" | "asset" | "interest" | "cost" | "spread"> & { days: number };

/** What each product earned and cost over all of the days. */
export function sumsByProduct(rows: readonly SpreadDay[]): ProductSum[] {
  const found = new Map<string, ProductSum>();
  for (const { product_id, name, asset, interest, cost, spread } of rows) {
    const sum = found.get(product_id) ?? { product_id, name, asset, interest: "0", cost: "0", spread: "0", days: 0 };
    found.set(product_id, { ...sum, interest: add(sum.interest, interest), cost: add(sum.cost, cost), spread: add(sum.spread, spread), days: sum.days + 1 });
  }
  return [...found.values()];
}
