// What follows from an offer or a plan without asking anybody: what an amount earns, whether it can be bought, how long a sale stays
// open. What counts is what the server says when it is asked.

import { add, canonical, compare, isDecimal, isZero, lessThan, mul, ratio, sign, smaller, sub, toGrid, total, type Decimal } from "@/money/decimal";

// -------------------------------------------------------------------------------------------------------------------------- rates

export interface Tier {
  above: Decimal;
  apr: Decimal;
}

/** A part of an amount and the rate that it earns. */
export interface Part {
  amount: Decimal;
  apr: Decimal;
}

/** Each tier's rate counts for its own part of the amount only. */
export function partsOf(amount: Decimal, tiers: readonly Tier[]): Part[] {
  return tiers.flatMap((tier, at) => {
    const next = tiers[at + 1];
    const part = sub(next === undefined ? amount : smaller(next.above, amount), tier.above);
    return sign(part) > 0 ? [{ amount: part, apr: tier.apr }] : [];
  });
}

/** The one rate that earns the same on the whole amount, cut as the server cuts it. */
export function rateOf(amount: Decimal, tiers: readonly Tier[]): Decimal {
  return isZero(amount) ? (tiers[0]?.apr ?? "0") : ratio(total(partsOf(amount, tiers).map((part) => mul(part.amount, part.apr))), amount, 12);
}

/** The highest rate comes first in an eye; where several count, "up to" stands before it. */
export const highestRate = (tiers: readonly Tier[]): Decimal => tiers.map(({ apr }) => apr).reduce((best, apr) => (lessThan(best, apr) ? apr : best), "0");

// ------------------------------------------------------------------------------------------------------------------------- amounts

export interface Limits {
  minimum: Decimal;
  step: Decimal;
  quotaLeft: Decimal;
  /** What is available; null while it is not known. */
  available: Decimal | null;
  /** How much more one may have; null without a cap, or while it is not known. */
  capLeft: Decimal | null;
}

export type Fault = { key: "minimum" | "step" | "funds" | "quota" | "cap"; of: Decimal };

/** The most that fits everywhere at once; zero where the minimum does not. */
export function mostOf({ minimum, step, quotaLeft, available, capLeft }: Limits): Decimal {
  const room = [available, capLeft].reduce<Decimal>((least, limit) => (limit === null ? least : smaller(least, limit)), quotaLeft);
  const most = toGrid(room, step);
  return lessThan(most, minimum) ? "0" : most;
}

/** What was typed as an amount; null while it is none above zero. */
export const amountOf = (typed: string): Decimal | null => (isDecimal(typed) && sign(canonical(typed)) > 0 ? canonical(typed) : null);

/** Why this much cannot be bought: what the offer asks for comes before what one has. */
export function faultOf(amount: Decimal, limits: Limits): Fault | null {
  if (lessThan(amount, limits.minimum)) return { key: "minimum", of: limits.minimum };
  if (compare(toGrid(amount, limits.step), amount) !== 0) return { key: "step", of: limits.step };
  if (lessThan(limits.quotaLeft, amount)) return { key: "quota", of: limits.quotaLeft };
  if (limits.capLeft !== null && lessThan(limits.capLeft, amount)) return { key: "cap", of: limits.capLeft };
  if (limits.available !== null && lessThan(limits.available, amount)) return { key: "funds", of: sub(amount, limits.available) };
  return null;
}

/** A whole percent from 0 to 100; what is left of something is never shown as nothing, and never as all. */
export function percentLeft(left: Decimal, whole: Decimal): string {
  if (isZero(whole) || isZero(left)) return "0";
  const percent = ratio(mul(left, "100"), whole, 0);
  return isZero(percent) ? "1" : percent;
}

// ------------------------------------------------------------------------------------------------------------------------- coupons

export interface CouponTerms {
  asset: string;
  templates: readonly string[];
}

/** Those that are good for a product: of its asset, and for it or for all. */
export const couponsFor = <C extends CouponTerms>(coupons: readonly C[], offer: { asset: string; template: string }): C[] =>
  coupons.filter(({ asset, templates }) => asset === offer.asset && (templates.length === 0 || templates.includes(offer.template)));

// --------------------------------------------------------------------------------------------------------------------------- times

export type Phase = "planned" | "on_sale" | "sold_out" | "closed";

export interface Sale {
  status: string;
  opens_at: string;
  closes_at: string;
}

/** Where a sale stands at a moment of the house's time: what was read may have opened or closed since. */
export function phaseOf(sale: Sale, now: number): Phase {
  if (now >= Date.parse(sale.closes_at)) return "closed";
  if (now < Date.parse(sale.opens_at)) return "planned";
  if (sale.status === "sold_out") return "sold_out";
  return sale.status === "on_sale" || sale.status === "planned" ? "on_sale" : "closed";
}

export interface Left {
  /** The largest unit that is shown. */
  key: "days" | "hours" | "minutes";
  days: number;
  hours: number;
  minutes: number;
  seconds: number;
}

/** What is left until a moment, cut to whole seconds: never more than there is. */
export function leftUntil(moment: string, now: number): Left {
  const left = Math.max(0, Math.floor((Date.parse(moment) - now) / 1000));
  const days = Math.floor(left / 86_400);
  const hours = Math.floor(left / 3600) % 24;
  return { key: days > 0 ? "days" : hours > 0 ? "hours" : "minutes", days, hours, minutes: Math.floor(left / 60) % 60, seconds: left % 60 };
}

/** Of each product the sale that closes first, and the one after it; `offers` come in the order of their closing. */
export function byProduct<O extends Sale & { template: string }>(offers: readonly O[], now: (offer: O) => number): { offer: O; next: O | undefined }[] {
  const groups = new Map<string, O[]>();
  for (const offer of offers) {
    if (phaseOf(offer, now(offer)) === "closed") continue;
    groups.set(offer.template, [...(groups.get(offer.template) ?? []), offer]);
  }
  return [...groups.values()].flatMap(([offer, next]) => (offer === undefined ? [] : [{ offer, next }]));
}

// -------------------------------------------------------------------------------------------------------------------------- terms

export interface Terms {
  version: number;
  name: string;
  tiers: readonly Tier[];
  minimum: Decimal;
  step: Decimal;
  value_date: string;
  maturity: string;
  payout_period: string;
  early: string;
  penal_rate: Decimal;
}

const COMPARED = ["name", "tiers", "minimum", "step", "value_date", "maturity", "payout_period", "early", "penal_rate"] as const;
export type Changed = (typeof COMPARED)[number];

/** What is different in what an offer promises. */
export const changesOf = (before: Terms, after: Terms): Changed[] => COMPARED.filter((key) => JSON.stringify(before[key]) !== JSON.stringify(after[key]));

// ------------------------------------------------------------------------------------------------------------------------- payouts

export interface Row {
  seq: number;
  due_date: string;
  interest: Decimal;
  /** What a coupon adds to the interest. */
  bonus: Decimal;
  principal: Decimal;
  status: "pending" | "paid" | "void";
}

export interface Planned {
  id: string;
  name: string;
  asset: string;
  plan: readonly Row[];
}

/** One payment of one subscription. */
export interface Payout extends Row {
  id: string;
  name: string;
  asset: string;
}

/** What a row earns, with a coupon's part. */
export const earned = (row: Pick<Row, "interest" | "bonus">): Decimal => add(row.interest, row.bonus);

export const rowSum = (row: Pick<Row, "interest" | "bonus" | "principal">): Decimal => add(earned(row), row.principal);

/** What the rows of one state earn together: what was received, what is to come. */
export const earnedOf = (plan: readonly Row[], state: Row["status"]): Decimal => total(plan.filter(({ status }) => status === state).map(earned));

export const bonusOf = (plan: readonly Row[]): Decimal => total(plan.map(({ bonus }) => bonus));

/** The payment that comes next. */
export const nextOf = (plan: readonly Row[]): Row | undefined => plan.find(({ status }) => status === "pending");

/** Every payment that was made or will be, in the order of days; void ones are none. */
export function payoutsOf(subscriptions: readonly Planned[]): Payout[] {
  const found = subscriptions.flatMap(({ id, name, asset, plan }) => plan.filter(({ status }) => status !== "void").map((row) => ({ ...row, id, name, asset })));
  return found.toSorted((a, b) => a.due_date.localeCompare(b.due_date) || a.name.localeCompare(b.name));
}

/** Sums by asset, in the order in which the assets first come. */
export function sumsOf(rows: readonly { asset: string; value: Decimal }[]): { asset: string; value: Decimal }[] {
  const sums = new Map<string, Decimal>();
  for (const { asset, value } of rows) sums.set(asset, add(sums.get(asset) ?? "0", value));
  return [...sums].map(([asset, value]) => ({ asset, value }));
}

/** The month of a day: "2026-12-05" lies in "2026-12". */
export const monthOf = (day: string): string => day.slice(0, 7);

/** The month so many months later, or earlier. */
export function shiftMonth(month: string, by: number): string {
  const first = new Date(`${month}-01T00:00:00Z`);
  first.setUTCMonth(first.getUTCMonth() + by);
  return first.toISOString().slice(0, 7);
}

/** The weeks of a month from Monday to Sunday; null stands for a day of another month. */
export function weeksOf(month: string): (string | null)[][] {
  const first = new Date(`${month}-01T00:00:00Z`);
  const before = (first.getUTCDay() + 6) % 7;
  const last = new Date(Date.UTC(first.getUTCFullYear(), first.getUTCMonth() + 1, 0)).getUTCDate();
  const cells = Array.from({ length: Math.ceil((before + last) / 7) * 7 }, (_, at) => {
    const day = at - before + 1;
    return day < 1 || day > last ? null : `${month}-${String(day).padStart(2, "0")}`;
  });
  return Array.from({ length: cells.length / 7 }, (_, week) => cells.slice(week * 7, week * 7 + 7));
}
