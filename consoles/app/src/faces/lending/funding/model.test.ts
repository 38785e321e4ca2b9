import { describe, expect, it } from "vitest";
import { bodyOf, changeOf, NEW, percentOf, productsOn, rateOf, sumsByProduct, usedOf, type Line } from "./model";

const LINE = { limit: "1000", drawn: "600", asked: "100.5", rate: "0.05" } as Line;
const typed = { ...NEW, name: " house USDT ", source: "a partner", limit: "1000.50", percent: "5.125" };

describe("a funding line while it is typed", () => {
  it("goes as texts, the rate as an exact fraction", () => {
    expect(bodyOf(typed)).toEqual({ name: "house USDT", adapter: "ledger", source: "a partner", asset: "USDT", limit: "1000.5", rate: "0.05125", day_count: "actual/365" });
    expect(percentOf("0.05125")).toBe("5.125");
    expect(rateOf("0.0000001")).toBe("0.000000001");
    expect(rateOf("1000")).toBe("10");
    expect(rateOf("1000.1")).toBeNull();
  });

  it("has its venue as its source", () => { expect(bodyOf({ ...typed, adapter: "bitfinex" })?.source).toBe("bitfinex"); });

  it("is not asked for while something is missing", () => {
    for (const part of [{ name: " " }, { source: "" }, { limit: "x" }, { limit: "-1" }, { percent: "" }]) expect(bodyOf({ ...typed, ...part })).toBeNull();
  });
});

describe("a change of a line", () => {
  it("names only what differs", () => {
    expect(changeOf(LINE, { limit: "1000.0", percent: "5" })).toBeNull();
    expect(changeOf(LINE, { limit: "2000", percent: "5.0" })).toEqual({ limit: "2000" });
    expect(changeOf(LINE, { limit: "1000", percent: "6" })).toEqual({ rate: "0.06" });
    expect(changeOf(LINE, { limit: "", percent: "6" })).toBeNull();
  });

  it("leaves room for what is drawn and what is on its way", () => {
    expect(changeOf(LINE, { limit: "700.49", percent: "5" })).toBe("low");
    expect(changeOf(LINE, { limit: "700.5", percent: "5" })).toEqual({ limit: "700.5" });
  });
});

it("knows how much of a line is used, and which products it pays", () => {
  expect(usedOf(LINE)).toBe("0.6");
  expect(usedOf({ drawn: "0", limit: "0" })).toBeNull();
  expect([...productsOn("l", [{ id: "a", funding_line_id: "l" }, { id: "a", funding_line_id: "m" }, { id: "b", funding_line_id: "m" }])]).toEqual(["a"]);
});

it("adds the days of each product exactly", () => {
  const day = (product_id: string, interest: string, cost: string, spread: string): Parameters<typeof sumsByProduct>[0][number] => (
    { product_id, name: product_id, asset: "USDT", day: "2026-01-01", interest, cost, spread }
  );
  expect(sumsByProduct([day("a", "0.1", "0.3", "-0.2"), day("b", "1", "0", "1"), day("a", "0.2", "0.000001", "0.199999")])).toEqual([
    { product_id: "a", name: "a", asset: "USDT", interest: "0.3", cost: "0.300001", spread: "-0.000001", days: 2 },
    { product_id: "b", name: "b", asset: "USDT", interest: "1", cost: "0", spread: "1", days: 1 },
  ]);
});
