// The book in coarser steps: bids fall to the step below, asks rise to the one above, so that no group promises a price that nobody shows.

import type { Schemas } from "@/api/client";
import { add, compare, isZero, mul, ratio, sub, toGrid, type Decimal } from "@/money/decimal";

type Level = Schemas["LevelOut"];

export interface Group {
  price: Decimal;
  quantity: Decimal;
  /** Everything up to here, and its share of the whole shown depth for the bar. */
  total: Decimal;
  share: Decimal;
  venues: readonly string[];
}

const FACTORS = ["1", "10", "50", "100", "500", "1000", "5000", "10000"] as const;

export const stepsOf = (tick: Decimal): Decimal[] => FACTORS.map((factor) => mul(tick, factor));

function stepOf(price: Decimal, step: Decimal, up: boolean): Decimal {
  const down = toGrid(price, step);
  return up && compare(down, price) !== 0 ? add(down, step) : down;
}

/** At most `most` groups, best first; levels of one price at two venues stay apart in the finest step. */
export function grouped(levels: readonly Level[], { step, tick, up, most }: { step: Decimal; tick: Decimal; up: boolean; most: number }): Group[] {
  const fine = compare(step, tick) <= 0;
  const found: { price: Decimal; quantity: Decimal; venues: string[] }[] = [];
  for (const level of levels) {
    const price = fine ? level.price : stepOf(level.price, step, up);
    const last = found.at(-1);
    if (!fine && last !== undefined && compare(last.price, price) === 0) {
      last.quantity = add(last.quantity, level.quantity);
      if (!last.venues.includes(level.venue)) last.venues.push(level.venue);
    } else if (found.length === most) break;
    else found.push({ price, quantity: level.quantity, venues: [level.venue] });
  }
  let total = "0";
  const sums = found.map((group) => ({ ...group, total: (total = add(total, group.quantity)) }));
  return sums.map((group) => ({ ...group, share: isZero(total) ? "0" : ratio(group.total, total, 3) }));
}

/** Best ask less best bid; below zero where venues cross each other. */
export function spreadOf(book: Pick<Schemas["BookOut"], "bids" | "asks">): Decimal | null {
  const [bid, ask] = [book.bids[0], book.asks[0]];
  return bid === undefined || ask === undefined ? null : sub(ask.price, bid.price);
}
