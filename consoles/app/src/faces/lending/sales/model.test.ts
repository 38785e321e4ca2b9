import { describe, expect, it } from "vitest";
import { addsUp, averageOf, breakerOn, divisionOf, earnedBy, owedOf, progressOf } from "./model";

const OWED = { owed: { principal: "24000", interest: "12.5", fee: "1", penalty: "0.5" } };
const sale = { order_id: "o", quantity: "0.25", floor: "24354", ended: true };
const SALES = [
  { ...sale, asset: "BTC", sold: "0.25", proceeds: "6100.1" },
  { ...sale, asset: "BTC", sold: "0.2", proceeds: "4900.2" },
  { ...sale, asset: "BTC", sold: "0", proceeds: "0", ended: false },
];
const target = { asset: "BTC", quantity: "1", sell: "0.9", price: "24600", floor: "24354" };

describe("a sale on its way", () => {
  it("counts what is out at a venue as gone until it comes back", () => {
    expect(progressOf({ targets: [target], sales: SALES })).toEqual([{ asset: "BTC", sell: "0.9", sold: "0.45", out: "0.25", left: "0.2" }]);
    expect(earnedBy(SALES)).toBe("11000.3");
    expect(owedOf(OWED)).toBe("24014");
  });

  it("is held by the highest breaker of its assets or of all", () => {
    const breaker = (asset: string, level: number): Parameters<typeof breakerOn>[1][number] => ({ asset, level, reason: "r", set_by: "s", at: "t" });
    expect(breakerOn(["BTC"], [breaker("ETH", 3), breaker("BTC", 0)])).toBeNull();
    expect(breakerOn(["BTC"], [breaker("*", 2), breaker("BTC", 1), breaker("ETH", 3)])?.asset).toBe("*");
  });

  it("brought on average what its fills say, cut and not rounded", () => {
    expect(averageOf([{ quantity: "3", received: "10" }])).toBe("3.33333333");
    expect(averageOf([])).toBeNull();
  });
});

describe("where the money went", () => {
  const shortfall = {
    proceeds: "23000", paid: { principal: "23000", interest: "0", fee: "0", penalty: "0" }, fee: "0", surplus: "0", shortfall: "1014",
    insured: "1000", lost: "12.5", returned: {}, taken_over: { BTC: { quantity: "0.00001", price: "23000", paid: "0.23", trusted: true } },
  };

  it("tells what venues paid from what the house bought, and a loss from fees that were never earned", () => {
    const found = divisionOf({ settlement: shortfall });
    expect(found).toMatchObject({ sold: "22999.77", insured: "1000", lost: "12.5", unearned: "1.5", goesOn: null });
    expect(found !== null && addsUp(found, "24014", "22999.77")).toBe(true);
    expect(found !== null && addsUp(found, "24014", "22999.76")).toBe(false);
    expect(found !== null && addsUp(found, "24014.000001", "22999.77")).toBe(false);
  });

  it("knows that a loan sold in part goes on", () => {
    const found = divisionOf({ settlement: {
      proceeds: "5000", paid: { principal: "4950", interest: "25", fee: "0", penalty: "0" }, fee: "25", surplus: "0", shortfall: "0", left: "19000", returned: { BTC: "0.8" },
    } });
    expect(found).toMatchObject({ goesOn: "19000", insured: "0", lost: "0", unearned: "0", returned: [{ asset: "BTC", quantity: "0.8" }] });
    expect(found !== null && addsUp(found, "23975", "5000")).toBe(true);
  });

  it("is not known before the end", () => { expect(divisionOf({ settlement: null })).toBeNull(); });
});
