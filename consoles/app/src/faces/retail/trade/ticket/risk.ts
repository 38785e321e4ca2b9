// What makes an order one to look at twice: then the review opens, whatever the settings say.

import type { Schemas } from "@/api/client";
import { abs, canonical, isDecimal, lessThan, ratio, sub, type Decimal } from "@/money/decimal";
import { shows, type Draft } from "./draft";

/** Fractions: of the portfolio, of the distance to the market for limits and for stops, and of the slippage. */
export const BOUNDS = { portfolio: "0.25", limit: "0.05", stop: "0.15", slippage: "0.005" } as const;

export interface Risk {
  /** Key under `trade.risk`. */
  key: string;
  values?: { share?: Decimal; state?: string };
}

interface Look {
  price: Decimal | null;
  /** What the order is worth, in quote, and what everything one has is worth. */
  worth: Decimal | null;
  portfolio: Decimal | null;
  slippage: Decimal | null;
  covered: boolean;
  state: Schemas["CompositeState"] | null;
}

export function risksOf(draft: Draft, look: Look): Risk[] {
  const risks: Risk[] = [];
  const { price, worth, portfolio } = look;
  if (worth !== null && portfolio !== null && lessThan("0", portfolio)) {
    const share = ratio(worth, portfolio, 4);
    if (lessThan(BOUNDS.portfolio, share)) risks.push({ key: "portfolio", values: { share } });
  }
  if (price !== null) {
    const far = (text: string, bound: Decimal, key: string): void => {
      if (!isDecimal(text)) return;
      const share = ratio(abs(sub(canonical(text), price)), price, 4);
      if (lessThan(bound, share)) risks.push({ key, values: { share } });
    };
    if (shows.limit(draft)) far(draft.limit, BOUNDS.limit, "far_limit");
    if (shows.stop(draft)) far(draft.stop, BOUNDS.stop, "far_stop");
  }
  if (look.slippage !== null && lessThan(BOUNDS.slippage, look.slippage)) risks.push({ key: "slippage", values: { share: look.slippage } });
  if (!look.covered) risks.push({ key: "thin" });
  if (look.state === "DEGRADED" || look.state === "SINGLE") risks.push({ key: "composite", values: { state: look.state } });
  return risks;
}
