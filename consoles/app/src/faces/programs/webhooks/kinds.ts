// Which facts may be told, in the order of the form. Keys of texts have no points in them.

import type { Schemas } from "@/api/client";

export type EventKind = Schemas["EventKind"];

export const KINDS = [
  "order.accepted", "order.changed", "order.filled", "order.closed", "price_alert.fired",
  "payment_order.paid", "payment_order.refunded", "payment_order.closed",
  "loan.opened", "loan.level_changed", "loan.margin_call", "loan.liquidation_started", "loan.liquidation_ended", "loan.repaid",
  "loan.overdue", "loan.matured", "loan.extended", "loan.rate_announced",
  "earn.subscribed", "earn.matured", "earn.redeemed_early", "earn.renewed", "earn.renewal_refused", "earn.matures_soon",
  "deposit.seen", "deposit.credited", "deposit.reversed", "deposit.held", "deposit.refunded",
  "address.added", "withdrawal.requested", "withdrawal.sent", "withdrawal.completed", "withdrawal.ended",
] as const satisfies readonly EventKind[];

export const textOf = (kind: EventKind): string => `event.${kind.replace(".", "_")}`;
