// What became of an order, as one sentence: filled, resting, working, not known yet, or nothing.

import type { Schemas } from "@/api/client";
import { isZero } from "@/money/decimal";

type Order = Schemas["OrderOut"];

export interface Outcome {
  /** Key under `trade.outcome`. */
  key: "filled" | "partly" | "waiting" | "working" | "unknown" | "nothing";
  tone: "good" | "bad" | "info";
  order: Order;
}

export function outcomeOf(order: Order): Outcome {
  const some = !isZero(order.filled_quantity);
  switch (order.status) {
    case "filled": return { key: "filled", tone: "good", order };
    case "resting": case "triggered": case "accepted": return { key: some ? "partly" : "waiting", tone: "info", order };
    case "working": return { key: order.venue_orders.some(({ status }) => status === "unknown") ? "unknown" : "working", tone: "info", order };
    default: return { key: some ? "partly" : "nothing", tone: some ? "info" : "bad", order };
  }
}
