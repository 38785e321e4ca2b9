import { expect, test } from "vitest";
import type { Schemas } from "@/api/client";
import { sourceOf } from "./source";

const ID = "01a1fe98-22b6-7000-b220-d60979380ac9";
const OTHER = "01a1fe98-287d-7000-b22d-8b3ed51a14e9";

function journal(part: Partial<Schemas["JournalOut"]>): Schemas["JournalOut"] {
  return {
    id: ID, realm: "REAL", kind: "other", key: null, booked_at: "2026-11-21T14:52:27Z", effective_at: null, actor: null,
    order_id: null, reverses: null, reversed_by: null, meta: {}, lines: [], ...part,
  };
}

test("a fill names the venue's trade, whose id may have colons of its own", () => {
  const key = `s/fill:binance:BTC-USDT:BTC-USDT:500000001:${OTHER}:customer`;
  const source = sourceOf(journal({ kind: "trade", key, order_id: OTHER }));
  expect(source.event).toBe("fill");
  expect(source.facts).toEqual([["venue", "binance"], ["symbol", "BTC-USDT"], ["trade", "BTC-USDT:500000001"], ["order", OTHER]]);
  expect(sourceOf(journal({ key: key.replace(/customer$/, "house") })).event).toBe("house_fill");
});

test.each([
  [`s/pay:${OTHER}`, {}, "payment", `/finance/payment-orders/${OTHER}`],
  [`s/refund:${OTHER}:2`, {}, "refund", `/finance/payment-orders/${OTHER}`],
  [`s/transfer:${OTHER}`, {}, "transfer", `/finance/transfers/${OTHER}`],
  [`s/recon.suspend:${OTHER}`, {}, "break", `/finance/reconciliation/breaks/${OTHER}`],
  [`s/reverse:${OTHER}`, { reverses: OTHER }, "reversal", `/finance/journals/${OTHER}`],
  ["c/transfers/key-of-a-client", { kind: "transfer" }, "transfer", `/finance/transfers/${ID}`],
  ["c/import/payroll:7", { meta: { import: OTHER } }, "import", `/finance/imports/${OTHER}`],
  ["s/something.new:1", {}, "other", undefined],
])("%s leads to its source", (key, part, event, to) => {
  const source = sourceOf(journal({ key, ...part }));
  expect(source.event).toBe(event);
  expect(source.to).toBe(to);
});
