// From the pressed button to what became of it. One intent has one idempotency key: while no answer came it is *unknown*, it is looked up among
// one's own orders, and sending it again can never make a second order. A changed price comes back to the customer; nothing is sent by itself.

import { useQueryClient } from "@tanstack/react-query";
import { useCallback, useState } from "react";
import { useTranslation } from "react-i18next";
import { api, ask, idempotencyKey, type Schemas } from "@/api/client";
import { isUnknown, Refusal } from "@/api/problem";
import { useToasts } from "@/kit/toasts";
import { reasonText } from "@/faces/retail/orders/reasons";
import { useWords } from "@/faces/retail/words";
import type { Decimal } from "@/money/decimal";
import { useFormat } from "../format";
import type { Market } from "../data";
import type { Request } from "./body";
import { outcomeOf } from "./outcome";

export interface Sent {
  request: Request;
  key: string;
}

export type Phase =
  | { at: "idle" }
  | { at: "sending" }
  | { at: "unknown"; sent: Sent; looked: boolean }
  | { at: "price_changed"; request: Request; current: Decimal };

type Order = Schemas["OrderOut"];
/** What was sent and not answered, by market: whoever looks at another market meanwhile finds the question where it was left. */
const open = new Map<string, Sent>();

async function post({ request, key }: Sent): Promise<Order[]> {
  const params = { header: { "Idempotency-Key": key } };
  if (request.to === "order") return [await ask(api.POST("/v1/orders", { params, body: request.body }))];
  return (await ask(api.POST("/v1/orders/oco", { params, body: request.body }))).orders;
}

function phaseOf(symbol: string): Phase {
  const sent = open.get(symbol);
  return sent === undefined ? { at: "idle" } : { at: "unknown", sent, looked: false };
}

const idOf = (request: Request): string => (request.to === "order" ? request.body.client_order_id : request.body.limit_client_order_id);

async function find(sent: Sent): Promise<Order[]> {
  const page = await ask(api.GET("/v1/orders", { params: { query: { limit: 50 } } }));
  return page.items.filter((order) => order.client_order_id === idOf(sent.request));
}

interface Sending {
  phase: Phase;
  send: (request: Request) => Promise<void>;
  again: () => Promise<void>;
  lookUp: () => Promise<void>;
  forget: () => void;
  /** Say what became of an order that was placed in another way. */
  tell: (orders: readonly Order[]) => void;
}

export function useSending(market: Market, done: () => void): Sending {
  const [phase, setPhase] = useState<Phase>(() => phaseOf(market.symbol));
  const client = useQueryClient();
  const { refused } = useToasts();
  const say = useOutcomeToast(market);

  const tell = useCallback((orders: readonly Order[]) => {
    orders.forEach(say);
    for (const key of ["orders", "fills", "balances"]) void client.invalidateQueries({ queryKey: [key] });
    open.delete(market.symbol);
    setPhase({ at: "idle" });
    done();
  }, [client, say, done, market.symbol]);

  const lookFor = useCallback(async (sent: Sent) => {
    setPhase({ at: "unknown", sent, looked: false });
    try {
      const found = await find(sent);
      if (found.length > 0) tell(found);
      else setPhase({ at: "unknown", sent, looked: true });
    } catch {
      setPhase({ at: "unknown", sent, looked: false });
    }
  }, [tell]);

  const deliver = useCallback(async (sent: Sent) => {
    setPhase({ at: "sending" });
    open.set(market.symbol, sent);
    try {
      tell(await post(sent));
    } catch (error) {
      if (isUnknown(error)) { await lookFor(sent); return; }
      open.delete(market.symbol);
      if (error instanceof Refusal && error.code === "price_changed") {
        setPhase({ at: "price_changed", request: sent.request, current: String(error.problem["current"]) });
        return;
      }
      setPhase({ at: "idle" });
      refused(error);
    }
  }, [tell, lookFor, refused, market.symbol]);

  const pending = phase.at === "unknown" ? phase.sent : null;
  return {
    phase, tell,
    send: useCallback((request) => deliver({ request, key: idempotencyKey() }), [deliver]),
    again: async () => { if (pending !== null) await deliver(pending); },
    lookUp: async () => { if (pending !== null) await lookFor(pending); },
    forget: useCallback(() => { open.delete(market.symbol); setPhase({ at: "idle" }); }, [market.symbol]),
  };
}

function useOutcomeToast(market: Market): (order: Order) => void {
  const { t } = useTranslation("retail");
  const { tell } = useToasts();
  const format = useFormat();
  const words = useWords();
  return useCallback((order: Order) => {
    const { key, tone } = outcomeOf(order);
    tell(t(`trade.outcome.${key}`, {
      side: t(`trade.did.${order.side}`), kind: t(`trade.kind.${order.type}`), quantity: format.exact(order.quantity), filled: format.exact(order.filled_quantity),
      base: market.base, quote: market.quote, average: order.average_price === null ? "–" : format.price(order.average_price, market.tick),
      fee: `${format.exact(order.fee)} ${order.fee_asset}`, status: t(`trade.status.${order.status}`), why: order.reason === null ? "" : reasonText(words, order.reason),
    }), tone);
  }, [t, tell, format, market, words]);
}
