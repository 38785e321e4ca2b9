// Rungs of the ladder as bars, and the costs of the days as curves.

import { add, compare, isZero, larger, ratio, total, type Decimal } from "@/money/decimal";
import type { Cover, Costs, Rungs } from "./reads";

export interface Bar {
  from: string | null;
  to: string | null;
  principal: Decimal;
  interest: Decimal;
  /** Of the longest bar, in shares of one. */
  share: { principal: Decimal; interest: Decimal };
}

/** What is behind its time comes first and has no beginning, what lies furthest ahead has no end. */
export function barsOf({ buckets }: Pick<Rungs, "buckets">): Bar[] {
  const most = buckets.map(({ principal, interest }) => add(principal, interest)).reduce(larger, "0");
  const part = (amount: Decimal): Decimal => (isZero(most) ? "0" : ratio(amount, most, 4));
  return buckets.map((one) => ({ ...one, share: { principal: part(one.principal), interest: part(one.interest) } }));
}

/** Whether something is due and not paid: it should not be. */
export const overdueOf = ({ buckets }: Pick<Rungs, "buckets">): Decimal => total(buckets.filter(({ from }) => from === null).flatMap(({ principal, interest }) => [principal, interest]));

/** Nothing owed is covered by anything. */
export const isCovered = ({ ratio: share }: Pick<Cover, "ratio">): boolean => share === null || compare(share, "1") >= 0;

/** The cost of each day in one asset: what was earned by customers, and what coupons gave on top. */
export function daysOf(items: Costs["items"], asset: string): { day: string; interest: Decimal; coupons: Decimal }[] {
  const rows = items.filter((one) => one.asset === asset);
  return [...new Set(rows.map(({ day }) => day))].toSorted((a, b) => Date.parse(a) - Date.parse(b)).map((day) => {
    const here = rows.filter((one) => one.day === day);
    return { day, interest: total(here.map(({ interest }) => interest)), coupons: total(here.map(({ coupons }) => coupons)) };
  });
}
