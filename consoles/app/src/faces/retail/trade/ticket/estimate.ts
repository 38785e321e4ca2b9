// What an order would probably cost: the shown depth is walked level by level, exactly. It is an estimate, for prices move; the order's own
// limits are what is promised.

import type { Schemas } from "@/api/client";
import { add, compare, isZero, lessThan, mul, ratio, smaller, sub, toGrid, type Decimal } from "@/money/decimal";
import type { Side } from "./draft";

export interface Level {
  price: Decimal;
  quantity: Decimal;
}

export interface Estimate {
  quantity: Decimal;
  average: Decimal;
  cost: Decimal;
  fee: Decimal;
  /** What goes out when buying, what comes in when selling; the fee counted in. */
  net: Decimal;
  /** How much worse the average is than the best price, as a fraction. */
  slippage: Decimal;
  /** False: the shown depth does not reach, the rest may cost more. */
  covered: boolean;
}

export type Wish = { quantity: Decimal } | { amount: Decimal };

/** The levels an order of this side would take, the customer's markup counted in. */
export function ladder(book: Pick<Schemas["BookOut"], "bids" | "asks">, side: Side, markup: Decimal): Level[] {
  const factor = side === "buy" ? add("1", markup) : sub("1", markup);
  return (side === "buy" ? book.asks : book.bids).map(({ price, quantity }) => ({ price: mul(price, factor), quantity }));
}

/** Walk the levels; `limit` is the worst price that may be paid (taken). Null: nothing can be had. */
export function estimate(levels: readonly Level[], wish: Wish, options: { side: Side; fee: Decimal; lot: Decimal; limit?: Decimal }): Estimate | null {
  const { side, fee, lot, limit } = options;
  const best = levels[0];
  if (best === undefined) return null;
  let quantity = "0";
  let cost = "0";
  // An amount is what is spent with the fee, or what comes in after it.
  const budget = "amount" in wish ? ratio(wish.amount, side === "buy" ? add("1", fee) : sub("1", fee)) : null;
  const wanted = "quantity" in wish ? wish.quantity : null;
  for (const level of levels) {
    if (limit !== undefined && (side === "buy" ? lessThan(limit, level.price) : lessThan(level.price, limit))) break;
    const rest = wanted !== null ? sub(wanted, quantity) : toGrid(ratio(sub(budget ?? "0", cost), level.price, 18), lot);
    const part = smaller(rest, level.quantity);
    if (compare(part, "0") <= 0) break;
    quantity = add(quantity, part);
    cost = add(cost, mul(part, level.price));
  }
  if (isZero(quantity)) return null;
  const last = levels.at(-1);
  const covered = wanted !== null ? compare(quantity, wanted) >= 0 : last !== undefined && compare(sub(budget ?? "0", cost), mul(lot, last.price)) < 0;
  const average = ratio(cost, quantity, 18);
  const taken = mul(cost, fee);
  const worse = side === "buy" ? sub(average, best.price) : sub(best.price, average);
  return {
    quantity, average, cost, fee: taken, net: side === "buy" ? add(cost, taken) : sub(cost, taken),
    slippage: ratio(worse, best.price, 6), covered,
  };
}

/** The worst price of a market order: the band beyond the composite. */
export function bandEdge(composite: Schemas["CompositeOut"], side: Side): Decimal | null {
  if (composite.price === null) return null;
  return mul(composite.price, side === "buy" ? add("1", composite.band) : sub("1", composite.band));
}

/** What a stop without a limit may cost at most: 5 % beyond the stop (docs: orders). */
export const stopEdge = (stop: Decimal): Decimal => mul(stop, "1.05");
