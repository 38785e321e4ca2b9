// A month of days of sale: which lie in it, what each of them sells, and which are missing.

import { add, sub, total, type Decimal } from "@/money/decimal";
import type { CalendarDay } from "../reads";
import type { Template } from "../terms";

const DAY_MS = 86_400_000;
const WEEK = 7;

const at = (day: string): Date => new Date(`${day}T00:00:00Z`);
const textOf = (moment: Date): string => moment.toISOString().slice(0, 10);

/** The month so many before or after: "2026-12" and 1 → "2027-01". */
export function shiftMonth(month: string, by: number): string {
  const first = at(`${month}-01`);
  first.setUTCMonth(first.getUTCMonth() + by);
  return textOf(first).slice(0, 7);
}

export function daysIn(month: string): string[] {
  const [from, to] = [at(`${month}-01`).getTime(), at(`${shiftMonth(month, 1)}-01`).getTime()];
  return Array.from({ length: (to - from) / DAY_MS }, (_, n) => textOf(new Date(from + n * DAY_MS)));
}

/** Column of a day in a week that begins on Monday, from 1. */
export const columnOf = (day: string): number => ((at(day).getUTCDay() + WEEK - 1) % WEEK) + 1;

/** A Monday and the days after it, for the heads of the columns. */
export const WEEKDAYS: readonly string[] = Array.from({ length: WEEK }, (_, n) => textOf(new Date(Date.UTC(2024, 0, 1 + n))));

export interface Day {
  date: string;
  sales: readonly CalendarDay[];
  /** Products that should be sold on this day, and are not planned yet. */
  missing: readonly Template[];
  /** Products whose holiday it is. */
  holidays: readonly Template[];
}

/** The version that a day follows: the newest published one that has begun by it. */
export function governing(versions: readonly Template[], day: string): Template | undefined {
  return versions.filter((one) => one.status === "published" && one.effective_from !== null && Date.parse(one.effective_from) <= Date.parse(day))
    .toSorted((a, b) => b.version - a.version)[0];
}

/** Every day of the month, of all products or of those given. */
export function monthOf(month: string, sales: readonly CalendarDay[], templates: readonly Template[]): Day[] {
  const ids = [...new Set(templates.map(({ id }) => id))];
  return daysIn(month).map((date) => {
    const here = sales.filter((one) => one.sale_date === date);
    const due = ids.map((id) => governing(templates.filter((one) => one.id === id), date)).filter((one) => one !== undefined)
      .filter((one) => here.every(({ template }) => template !== one.id));
    const closed = (one: Template): boolean => one.terms.holidays.includes(date);
    return { date, sales: here, missing: due.filter((one) => !closed(one)), holidays: due.filter(closed) };
  });
}

export interface Sums {
  asset: string;
  quota: Decimal;
  sold: Decimal;
}

/** What the month offers and what of it is sold, an asset each. */
export function sumsOf(sales: readonly CalendarDay[]): Sums[] {
  return [...new Set(sales.map(({ asset }) => asset))].map((asset) => {
    const rows = sales.filter((one) => one.asset === asset);
    return { asset, quota: total(rows.map(({ quota }) => quota)), sold: total(rows.map(({ sold }) => sold)) };
  });
}

/** Of each version, by "id version": on how many days it is sold, and how much. */
export function salesOf(sales: readonly CalendarDay[]): Record<string, { days: number; sold: Decimal } | undefined> {
  const found: Record<string, { days: number; sold: Decimal } | undefined> = {};
  for (const { template, version, sold } of sales) {
    const key = `${template} ${String(version)}`;
    const before = found[key] ?? { days: 0, sold: "0" };
    found[key] = { days: before.days + 1, sold: add(before.sold, sold) };
  }
  return found;
}

/** Whether a sale can still be stopped: it has not closed, and nobody stopped it. */
export const canStop = ({ status }: Pick<CalendarDay, "status">): boolean => status === "planned" || status === "on_sale" || status === "sold_out";

/** What nobody bought of a day. */
export const unsoldOf = ({ quota, sold }: Pick<CalendarDay, "quota" | "sold">): Decimal => sub(quota, sold);

/** The place that a key leads to from a day, in a grid of weeks; null where it leads nowhere. */
export function moved(key: string, from: number, count: number): number | null {
  const by: Record<string, number> = { ArrowLeft: -1, ArrowRight: 1, ArrowUp: -WEEK, ArrowDown: WEEK, Home: -from, End: count - 1 - from };
  const step = by[key];
  if (step === undefined) return null;
  const to = from + step;
  return to < 0 || to >= count ? null : to;
}
