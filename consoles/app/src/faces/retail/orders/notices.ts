// What happened to one's orders since one came, newest first: the last fifty, kept in memory and forgotten with the session.

import { skipToken, useQuery, type QueryClient } from "@tanstack/react-query";
import type { Words } from "@/faces/retail/words";
import { isZero } from "@/money/decimal";
import type { Tone } from "@/kit/values";
import type { OrderEvent } from "./model";
import { reasonText } from "./reasons";

export interface Notice {
  seq: number;
  kind: "part" | "filled" | "cancelled" | "cancelled_part" | "expired" | "rejected" | "stopped";
  order: OrderEvent;
}

const KEY = ["notices"] as const;
const MOST = 50;
const TONES: Record<Notice["kind"], Tone> = {
  part: "good", filled: "good", cancelled: "plain", cancelled_part: "warn", expired: "warn", rejected: "bad", stopped: "info",
};

export const toneOf = (notice: Notice): Tone => TONES[notice.kind];

/** What an event means to a person; null when it says nothing new to them. */
export function kindOf(event: OrderEvent): Notice["kind"] | null {
  if (event.event === "filled") return event.filled_quantity === event.quantity ? null : "part"; // the whole is told by the change that follows
  if (event.event !== "changed") return null;
  switch (event.status) {
    case "filled": case "expired": case "rejected": return event.status;
    case "cancelled": return isZero(event.filled_quantity) ? "cancelled" : "cancelled_part";
    default: return event.reason === "the stop was reached" ? "stopped" : null;
  }
}

export function noticeText(words: Words, { kind, order }: Notice): string {
  const { t, amount, price } = words;
  const [base = ""] = order.symbol.split("-");
  return t(`retail_more:notice.${kind}`, {
    side: t(`retail_more:side.${order.side}`),
    symbol: order.symbol,
    type: t(`retail_more:type.${order.type}`),
    quantity: amount(order.quantity, base),
    filled: amount(order.filled_quantity, base),
    average: order.average_price === null ? "" : price(order.average_price, order.symbol),
    reason: order.reason === null ? "" : reasonText(words, order.reason),
  });
}

export function remember(client: QueryClient, notice: Notice): void {
  client.setQueryDefaults(KEY, { gcTime: Infinity });
  client.setQueryData<Notice[]>(KEY, (before = []) => [notice, ...before].slice(0, MOST));
}

export function useNotices(): Notice[] {
  return useQuery<Notice[]>({ queryKey: KEY, queryFn: skipToken, gcTime: Infinity, staleTime: Infinity }).data ?? [];
}
