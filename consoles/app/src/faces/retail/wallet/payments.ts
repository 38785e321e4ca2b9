// Paying in two steps of the API, one of the payer: what was seen is put aside, then paid.

import { api, ask, type Schemas } from "@/api/client";
import { Refusal } from "@/api/problem";

export type Payment = Schemas["PaymentOrderOut"];
export type Product = Schemas["ProductOut"];

const keyed = (id: string, key: string): { path: { id: string }; header: { "Idempotency-Key": string } } =>
  ({ path: { id }, header: { "Idempotency-Key": key } });

/**
 * Reserve at the amount that was seen and pay it.
 * @throws Refusal `price_changed` when the price is another one by now: nothing was held or paid then.
 */
export async function pay(order: Payment, key: string): Promise<Payment> {
  if (order.status === "pending") {
    await ask(api.POST("/v1/payment-orders/{id}/prepay", { params: keyed(order.id, `${key}:reserve`), body: { amount_seen: order.amount } }));
  }
  return ask(api.POST("/v1/payment-orders/{id}/pay", { params: keyed(order.id, `${key}:pay`) }));
}

export const cancel = (id: string, key: string): Promise<Payment> =>
  ask(api.POST("/v1/payment-orders/{id}/cancel", { params: keyed(id, key) }));

export const order = (sku: string, quantity: number, key: string): Promise<Payment> =>
  ask(api.POST("/v1/payment-orders", { body: { sku, quantity }, params: { header: { "Idempotency-Key": key } } }));

/** The amount that the order would cost now, when that is why it was refused. */
export function changedAmount(error: unknown): string | null {
  if (!(error instanceof Refusal) || error.code !== "price_changed") return null;
  const amount = error.problem["amount"];
  return typeof amount === "string" ? amount : null;
}
