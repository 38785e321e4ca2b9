// What the channels of one's own orders and fills carry, and how an event changes the list of open orders.

import type { Schemas } from "@/api/client";
import { atLeast, isZero, ratio, type Decimal } from "@/money/decimal";

export type Order = Schemas["OrderOut"];

/** An entry of the channel `orders`: the order after one event. A fill by itself has no version. */
export type OrderEvent = Omit<Order, "algo" | "fills" | "venue_orders"> & {
  event: "accepted" | "changed" | "filled";
  version: number | null;
};

/** An entry of the channel `fills`. */
export interface Fill {
  id: string;
  order_id: string;
  symbol: string;
  side: string;
  order_type: string;
  venue: string;
  trade_id: string;
  price: Decimal;
  quantity: Decimal;
  cost: Decimal;
  fee: Decimal;
  fee_asset: string;
  maker: boolean;
  executed_at: string;
}

export const OPEN = ["accepted", "working", "resting", "triggered"] as const;
export const ENDED = ["filled", "cancelled", "expired", "rejected"] as const;

export const isOpen = (order: { status: string }): boolean => OPEN.some((status) => status === order.status);

export function filledShare(order: { quantity: Decimal; filled_quantity: Decimal }): Decimal {
  if (isZero(order.quantity)) return "0";
  return atLeast(order.filled_quantity, order.quantity) ? "1" : ratio(order.filled_quantity, order.quantity, 4);
}

/** Newest first; the two orders of a pair stand together. */
export function arranged(orders: readonly Order[]): Order[] {
  const newest = [...orders].sort((a, b) => Date.parse(b.created_at) - Date.parse(a.created_at));
  const seen = new Set<string>();
  return newest.flatMap((order) => {
    if (order.pair_id === null) return [order];
    if (seen.has(order.pair_id)) return [];
    seen.add(order.pair_id);
    return newest.filter((other) => other.pair_id === order.pair_id);
  });
}

/** The open orders after an event: an ended one leaves the list, a new one enters it, one whose news are older stays as it is. */
export function afterEvent(open: readonly Order[], event: OrderEvent): Order[] {
  const known = open.find((order) => order.id === event.id);
  if (!isOpen(event)) return open.filter((order) => order.id !== event.id);
  if (known === undefined) return [{ ...event, algo: null, fills: [], venue_orders: [] }, ...open];
  if (Date.parse(event.updated_at) < Date.parse(known.updated_at)) return [...open];
  return open.map((order) => (order.id === event.id ? { ...order, ...event } : order));
}
