// A part of what one has, as a quantity or an amount that the market takes and the hold allows.

import { add, isZero, mul, placesOf, ratio, smaller, toGrid, type Decimal } from "@/money/decimal";
import { worstPrice, type Surroundings } from "./checks";
import type { Draft } from "./draft";

/** `percent` of the available balance; a buy leaves room for the fee and for its worst price, else the server could not hold enough. */
export function sharePart(percent: string, draft: Draft, around: Surroundings): Partial<Draft> | null {
  const { market, available, price, feeRate } = around;
  if (available === null) return null;
  const share = ratio(percent, "100");
  if (draft.side === "sell") return { by: "base", quantity: toGrid(mul(available.base, share), market.lot) };
  const spend = mul(available.quote, share);
  if (draft.kind === "market" && !draft.twap) return { by: "quote", amount: toGrid(spend, centOf(market.tick)) };
  const worst = worstPrice(draft, around);
  const likely = draft.kind === "market" ? price : worst;
  if (worst === null || likely === null || isZero(worst) || isZero(likely)) return null;
  const most = ratio(available.quote, mul(worst, add("1", feeRate)), 18);
  return { by: "base", quantity: toGrid(smaller(ratio(spend, mul(likely, add("1", feeRate)), 18), most), market.lot) };
}

/** Amounts of quote are as fine as the market's tick, or a hundredth. */
const centOf = (tick: Decimal): Decimal => (placesOf(tick) < 2 ? "0.01" : tick);
