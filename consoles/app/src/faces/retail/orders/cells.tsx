// The words of an order as they stand in tables.

import type { ReactNode } from "react";
import { useWords, type Words } from "@/faces/retail/words";
import { Pill, type Tone } from "@/kit/values";
import { mul, type Decimal } from "@/money/decimal";
import { filledShare, type Order } from "./model";

const TONES: Record<string, Tone> = {
  accepted: "info", working: "info", triggered: "info", resting: "plain", filled: "good", cancelled: "plain", expired: "warn", rejected: "bad",
};

export function Side({ side }: { side: string }): ReactNode {
  const { t } = useWords();
  return <span className={side === "buy" ? "up" : "down"}><span aria-hidden="true">{side === "buy" ? "▲" : "▼"}</span> {t(`retail_more:side.${side}`)}</span>;
}

export const hasUnknown = (order: Order): boolean => order.venue_orders.some((part) => part.status === "unknown");

export function Status({ order }: { order: Order }): ReactNode {
  const { t } = useWords();
  if (hasUnknown(order)) return <Pill tone="warn">{t("retail_more:status.unknown")}</Pill>;
  if (order.cancel_requested && TONES[order.status] === "info") return <Pill tone="warn">{t("retail_more:status.cancelling")}</Pill>;
  return <Pill tone={TONES[order.status] ?? "plain"}>{t(`retail_more:status.${order.status}`)}</Pill>;
}

export function typeText({ t, amount }: Words, order: Order): string {
  const [base = ""] = order.symbol.split("-");
  const parts = [t(`retail_more:type.${order.type}`)];
  if (order.algo !== null) parts.push(t("retail_more:orders.slices", { left: order.slices_left, slices: order.algo.twap.slices }));
  else if (order.slices_left > 0) parts.push(t("retail_more:orders.slices_left", { left: order.slices_left }));
  if (order.display_quantity !== null) parts.push(t("retail_more:orders.parts_of", { quantity: amount(order.display_quantity, base) }));
  if (order.post_only) parts.push(t("retail_more:orders.post_only"));
  return parts.join(" · ");
}

/** Limit, stop and trail: whatever the order waits for. */
export function priceText({ t, tick, percent, amount }: Words, order: Order): string {
  const parts: string[] = [];
  const quote = order.symbol.split("-")[1] ?? "";
  const price = (value: Decimal): string => tick(value, order.symbol);
  if (order.limit_price !== null) parts.push(price(order.limit_price));
  if (order.trail !== null) {
    const by = order.trail.fraction !== null ? percent(order.trail.fraction) : amount(order.trail.amount ?? "0", quote);
    parts.push(t("retail_more:orders.trail_at", { by, price: price(order.trail.stop_price) }));
  } else if (order.stop_price !== null) parts.push(t("retail_more:orders.stop_at", { price: price(order.stop_price) }));
  return parts.length === 0 ? t("retail_more:orders.at_market") : parts.join(" · ");
}

export function Filled({ order }: { order: Order }): ReactNode {
  const { percent, t } = useWords();
  const share = filledShare(order);
  const shown = percent(share, 0);
  return (
    <span className="retail-filled" role="img" aria-label={t("retail_more:orders.filled_share", { share: shown })}>
      <span className="progress"><span style={{ width: `${mul(share, "100")}%` }} /></span>
      <span className="number">{shown}</span>
    </span>
  );
}

export const venueText = ({ t }: Words, venue: string): string => (venue === "best" ? t("retail_more:orders.best") : venue);
