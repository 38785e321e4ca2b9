import { describe, expect, test } from "vitest";
import type { Market } from "../data";
import { requestOf } from "./body";
import { complaints, type Surroundings } from "./checks";
import { changed, emptied, FRESH, withPrice, type Draft } from "./draft";
import { estimate, ladder } from "./estimate";
import { outcomeOf } from "./outcome";
import { risksOf } from "./risk";
import { sharePart } from "./share";

const market: Market = {
  symbol: "BTC-USDT", base: "BTC", quote: "USDT", tick: "0.01", lot: "0.00001", min_notional: "5", trigger: "executable", fill: "pass_through", markup: "0",
  status: "trading",
};
const around: Surroundings = {
  market, price: "60000", edge: "61200", feeRate: "0.001", available: { base: "2", quote: "100000" }, zone: "utc", now: "2026-11-21T14:00:00Z",
};
const draft = (part: Partial<Draft>): Draft => changed(FRESH, part);
const context = { symbol: "BTC-USDT", zone: "utc", id: "mine", expected: "60010" } as const;
const levels = [{ price: "100", quantity: "1" }, { price: "110", quantity: "1" }];

describe("the estimate", () => {
  const options = { side: "buy", fee: "0.001", lot: "0.01" } as const;
  test("walks the levels exactly", () => {
    expect(estimate(levels, { quantity: "1.5" }, options)).toEqual({
      quantity: "1.5", average: "103.333333333333333333", cost: "155", fee: "0.155", net: "155.155", slippage: "0.033333", covered: true,
    });
  });
  test("says where the depth ends, and keeps to the limit", () => {
    expect(estimate(levels, { quantity: "3" }, options)?.covered).toBe(false);
    expect(estimate(levels, { quantity: "2" }, { ...options, limit: "105" })?.quantity).toBe("1");
    expect(estimate(levels, { quantity: "1" }, { ...options, limit: "99" })).toBeNull();
    expect(estimate([], { quantity: "1" }, options)).toBeNull();
  });
  test("spends no more than the amount, the fee included", () => {
    const got = estimate(levels, { amount: "150.15" }, options);
    expect(got?.quantity).toBe("1.45");
    expect(got?.net).toBe("149.6495");
    expect(got?.covered).toBe(true);
  });
  test("counts the markup in, and sells into the bids", () => {
    const book = { bids: [{ price: "99", quantity: "1", venue: "okx" }], asks: [{ price: "100", quantity: "1", venue: "okx" }] };
    expect(ladder(book, "buy", "0.01")[0]?.price).toBe("101");
    expect(ladder(book, "sell", "0.01")[0]?.price).toBe("98.01");
  });
});

describe("complaints", () => {
  const about = (part: Partial<Draft>): Record<string, string | undefined> =>
    Object.fromEntries(Object.entries(complaints(draft(part), around)).map(([field, found]) => [field, found.key]));
  test("name what is missing, off the grid, too small or too much", () => {
    expect(about({})).toEqual({ quantity: "needed" });
    expect(about({ quantity: "0.000001" })).toEqual({ quantity: "lot" });
    expect(about({ quantity: "0.00001" })).toEqual({ quantity: "minimum" });
    expect(about({ quantity: "1.7" })).toEqual({ quantity: "short_buy" });
    expect(about({ side: "sell", quantity: "2.1" })).toEqual({ quantity: "short" });
    expect(about({ quantity: "0.1" })).toEqual({});
    expect(about({ by: "quote", amount: "4" })).toEqual({ amount: "minimum" });
    expect(about({ kind: "limit", quantity: "0.1", limit: "59000.005" })).toEqual({ limit: "tick" });
  });
  test("know on which side of the market a price must lie", () => {
    expect(about({ kind: "stop", quantity: "0.1", stop: "59000" })).toEqual({ stop: "above" });
    expect(about({ kind: "stop", side: "sell", quantity: "0.1", stop: "59000" })).toEqual({});
    expect(about({ kind: "take_profit", side: "sell", quantity: "0.1", stop: "59000" })).toEqual({ stop: "above" });
    expect(about({ kind: "oco", side: "sell", quantity: "0.1", limit: "59000", stop: "61000" })).toEqual({ limit: "above", stop: "below" });
  });
  test("look at slices, parts, trails and dates", () => {
    expect(about({ quantity: "0.001", twap: true, slices: "50" })).toEqual({ slices: "minimum" });
    expect(about({ quantity: "0.1", twap: true, minutes: "0" })).toEqual({ minutes: "minutes" });
    expect(about({ kind: "limit", time: "gtc", quantity: "0.1", limit: "59000", iceberg: true, display: "0.2" })).toEqual({ display: "display" });
    expect(about({ kind: "trailing_stop", quantity: "0.1", trail: "51" })).toEqual({ trail: "trail" });
    expect(about({ kind: "limit", time: "gtd", quantity: "0.1", limit: "59000", expires: "2026-11-21T13:59" })).toEqual({ expires: "past" });
  });
});

describe("the request", () => {
  test("of a market order carries the price that was seen", () => {
    const { body } = requestOf(draft({ quantity: "0.10" }), context);
    expect(body).toMatchObject({ type: "market", quantity: "0.1", quote_quantity: null, time_in_force: "ioc", expected_price: "60010", tolerance: "0.002", client_order_id: "mine" });
  });
  test("of every kind has its own fields only", () => {
    const limit = requestOf(draft({ kind: "limit", quantity: "1", limit: "59000", time: "gtd", expires: "2026-12-01T10:00", postOnly: true }), context);
    expect(limit.body).toMatchObject({ limit_price: "59000", expires_at: "2026-12-01T10:00:00.000Z", post_only: true, stop_price: null, trail: null });
    expect(limit.body).not.toHaveProperty("expected_price");
    expect(requestOf(draft({ kind: "trailing_stop", quantity: "1", trail: "1.5", limit: "9" }), context).body).toMatchObject({ trail: { fraction: "0.015" }, limit_price: null });
    expect(requestOf(draft({ quantity: "1", twap: true, minutes: "5", slices: "4" }), context).body).toMatchObject({ algo: { twap: { duration_s: 300, slices: 4 } }, time_in_force: "gtc" });
    expect(requestOf(draft({ kind: "oco", quantity: "1", limit: "59000", stop: "61000" }), context)).toMatchObject({ to: "pair", body: { stop_limit_price: null } });
  });
});

describe("the draft", () => {
  test("drops what no longer goes together", () => {
    const iceberg = draft({ kind: "limit", time: "gtc", iceberg: true, postOnly: true });
    expect(changed(iceberg, { time: "ioc" })).toMatchObject({ iceberg: false, postOnly: false });
    expect(changed(draft({ quantity: "1", twap: true }), { kind: "stop" })).toMatchObject({ twap: false, time: "gtc" });
  });
  test("takes a price from the book, and loses its amounts when it was sent", () => {
    expect(withPrice(FRESH, "59000")).toMatchObject({ kind: "limit", limit: "59000" });
    expect(withPrice(draft({ kind: "stop" }), "59000")).toMatchObject({ kind: "stop", stop: "59000" });
    expect(emptied(draft({ quantity: "1", limit: "5" }))).toMatchObject({ quantity: "", limit: "5" });
  });
  test("takes a share that can be held", () => {
    expect(sharePart("50", draft({ side: "sell" }), around)).toEqual({ by: "base", quantity: "1" });
    expect(sharePart("100", draft({}), around)).toEqual({ by: "quote", amount: "100000" });
    expect(sharePart("100", draft({ kind: "limit", limit: "50000" }), around)).toEqual({ by: "base", quantity: "1.998" });
    expect(sharePart("100", draft({ kind: "limit" }), around)).toBeNull();
  });
});

test("a risky order says why", () => {
  const calm = { price: "60000", worth: "100", portfolio: "1000", slippage: "0.001", covered: true, state: "NORMAL" } as const;
  expect(risksOf(draft({ quantity: "1" }), calm)).toEqual([]);
  expect(risksOf(draft({ kind: "limit", limit: "50000" }), { ...calm, worth: "300" }).map(({ key }) => key)).toEqual(["portfolio", "far_limit"]);
  expect(risksOf(draft({}), { ...calm, slippage: "0.01", covered: false, state: "SINGLE" }).map(({ key }) => key)).toEqual(["slippage", "thin", "composite"]);
});

test("an outcome is never called failed while it is unknown", () => {
  const order = { status: "working", filled_quantity: "0", venue_orders: [{ status: "unknown" }] } as unknown as Parameters<typeof outcomeOf>[0];
  expect(outcomeOf(order).key).toBe("unknown");
  expect(outcomeOf({ ...order, venue_orders: [] }).key).toBe("working");
  expect(outcomeOf({ ...order, status: "cancelled" }).key).toBe("nothing");
  expect(outcomeOf({ ...order, status: "cancelled", filled_quantity: "1" }).key).toBe("partly");
});
