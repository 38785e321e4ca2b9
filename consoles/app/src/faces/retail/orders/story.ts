// An order told in sentences: what was asked, what happened, what it cost.

import { assetsOf } from "@/faces/retail/markets";
import type { Words } from "@/faces/retail/words";
import { add, isZero, ratio, sub, total } from "@/money/decimal";
import { isOpen, type Order } from "./model";
import { reasonText } from "./reasons";

/** What the customer asked for. */
export function asked(words: Words, order: Order): string[] {
  return [wish(words, order), duration(words, order), ...terms(words, order)];
}

function wish({ t, amount, price, percent }: Words, order: Order): string {
  const [base, quote] = assetsOf(order.symbol);
  const limited = order.limit_price !== null && order.type !== "limit" && order.type !== "stop_limit";
  const trail = order.trail;
  return t(`order_story:asked.${order.type}${limited ? "_limit" : ""}`, {
    side: t(`retail_more:verb.${order.side}`),
    quantity: amount(order.quantity, base),
    limit: order.limit_price === null ? "" : price(order.limit_price, order.symbol),
    stop: order.stop_price === null ? "" : price(order.stop_price, order.symbol),
    trail: trail === null ? "" : trail.fraction !== null ? percent(trail.fraction) : amount(trail.amount ?? "0", quote),
    where: order.venue === "best" ? t("order_story:asked.best") : t("order_story:asked.one_venue", { venue: order.venue }),
  });
}

function duration({ t, time }: Words, order: Order): string {
  return t(`order_story:asked.${order.algo === null ? order.time_in_force : "twap"}`, {
    until: order.expires_at === null ? "" : time(order.expires_at),
    slices: order.algo?.twap.slices ?? 0,
    minutes: Math.round((order.algo?.twap.duration_s ?? 0) / 60),
  });
}

function terms({ t, amount, price }: Words, order: Order): string[] {
  const [base, quote] = assetsOf(order.symbol);
  const said: string[] = [];
  if (order.quote_quantity !== null) said.push(t(`order_story:asked.quote_${order.side}`, { sum: amount(order.quote_quantity, quote) }));
  if (order.post_only) said.push(t("order_story:asked.post_only"));
  if (order.display_quantity !== null) said.push(t("order_story:asked.iceberg", { part: amount(order.display_quantity, base) }));
  if (order.trail !== null) {
    said.push(t("order_story:asked.trail_now", { best: price(order.trail.best_price, order.symbol), stop: price(order.trail.stop_price, order.symbol) }));
  }
  if (order.pair_id !== null) said.push(t("order_story:asked.pair"));
  if (order.replaces !== null) said.push(t("order_story:asked.replaces"));
  return said;
}

/** What became of it so far. */
export function happened(words: Words, order: Order): string[] {
  const { t, time } = words;
  const said = [t("order_story:happened.born", { at: time(order.created_at) })];
  if (order.stopped_at !== null) said.push(t("order_story:happened.stopped", { at: time(order.stopped_at) }));
  if (!isZero(order.filled_quantity)) said.push(traded(words, order));
  if (isOpen(order) && order.slices_left > 0) said.push(t("order_story:happened.slices", { left: order.slices_left }));
  for (const part of order.venue_orders) {
    if (part.status === "unknown") said.push(t("order_story:happened.unknown", { venue: part.venue }));
  }
  if (order.cancel_requested && isOpen(order)) said.push(t("order_story:happened.cancelling"));
  said.push(t(`order_story:happened.${order.status}${order.status === "resting" && order.algo !== null ? "_clock" : ""}`, {
    at: time(order.updated_at),
    reason: order.reason === null || isOpen(order) ? "" : t("order_story:happened.because", { reason: reasonText(words, order.reason) }),
  }));
  return said;
}

function traded({ t, amount, price }: Words, order: Order): string {
  const [base] = assetsOf(order.symbol);
  return t("order_story:happened.traded", {
    count: order.fills.length,
    done: t(`retail_more:done.${order.side}`),
    filled: amount(order.filled_quantity, base),
    wanted: amount(order.quantity, base),
    average: order.average_price === null ? "" : price(order.average_price, order.symbol),
  });
}

/** What was paid or received, fee and all; null before anything was traded. */
export function money({ t, amount, percent }: Words, order: Order): string | null {
  if (order.fills.length === 0) return null;
  const cost = total(order.fills.map((fill) => fill.cost));
  const sum = order.side === "buy" ? add(cost, order.fee) : sub(cost, order.fee);
  return t(`order_story:money.${order.side}`, {
    cost: amount(cost, order.fee_asset),
    fee: amount(order.fee, order.fee_asset),
    rate: isZero(cost) ? "" : percent(ratio(order.fee, cost, 6), 3),
    sum: amount(sum, order.fee_asset),
  });
}
