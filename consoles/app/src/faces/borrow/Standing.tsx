// The gauge of what the server reckoned: a loan, an offer, or a loan as it would be. A line is given as the price of the one asset or the
// fall of a whole basket; how high it stands on the gauge follows from where the loan stands now.

import type { ReactNode } from "react";
import { isZero, mul, ratio, sub, type Decimal } from "@/money/decimal";
import { Gauge, type GaugeLine } from "./Gauge";
import { useWords } from "./words";

export interface Reckoned {
  asset: string;
  ltv: Decimal | null;
  lines: { warning: Decimal | null; displayed: Decimal | null };
  collateral: readonly { asset: string; quantity: Decimal; price: Decimal | null }[];
}

export function Standing({ of }: { of: Reckoned }): ReactNode {
  const { reach } = useWords();
  const held = of.collateral.filter(({ quantity }) => !isZero(quantity));
  const only = held.length === 1 ? held[0] : undefined;
  const line = (key: "warning" | "displayed"): GaugeLine => {
    const found = of.lines[key];
    const words = only === undefined ? { fall: found } : { asset: only.asset, price: found };
    return { key, at: heightOf(of.ltv, found, only?.price ?? null, only === undefined), words: reach(words, of.asset) };
  };
  return <Gauge ltv={of.ltv} lines={[line("warning"), line("displayed")]} />;
}

function heightOf(ltv: Decimal | null, line: Decimal | null, price: Decimal | null, basket: boolean): Decimal | null {
  if (ltv === null || line === null) return null;
  if (basket) return line === "1" ? null : ratio(ltv, sub("1", line), 6);
  return price === null || isZero(line) ? null : ratio(mul(ltv, price), line, 6);
}
