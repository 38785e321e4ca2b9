import { describe, expect, it } from "vitest";
import { barsOf, daysOf, isCovered, overdueOf } from "./model";
import type { Costs } from "./reads";

const BUCKETS = [
  { from: null, to: "2026-11-21", principal: "0", interest: "0.5" },
  { from: "2026-11-22", to: "2026-11-28", principal: "100", interest: "0" },
  { from: "2026-11-29", to: null, principal: "190", interest: "10" },
];

describe("the ladder", () => {
  it("has bars in proportion to the longest, and nothing where nothing is owed", () => {
    expect(barsOf({ buckets: BUCKETS }).map(({ share }) => share)).toEqual([
      { principal: "0", interest: "0.0025" }, { principal: "0.5", interest: "0" }, { principal: "0.95", interest: "0.05" },
    ]);
    expect(barsOf({ buckets: [{ from: null, to: null, principal: "0", interest: "0" }] })[0]?.share).toEqual({ principal: "0", interest: "0" });
  });

  it("says what is behind its time", () => {
    expect(overdueOf({ buckets: BUCKETS })).toBe("0.5");
    expect(overdueOf({ buckets: BUCKETS.slice(1) })).toBe("0");
  });
});

describe("coverage and costs", () => {
  it("covers from one on, and where nothing is owed", () => {
    expect([null, "1", "0.999999", "2.5"].map((ratio) => isCovered({ ratio }))).toEqual([true, true, false, true]);
  });

  it("adds the products of a day, an asset by itself", () => {
    const row = (day: string, asset: string, interest: string, coupons: string): Costs["items"][number] => ({ day, asset, interest, coupons, template: "t", name: "n" });
    const items = [row("2026-11-23", "USDT", "0.1", "0"), row("2026-11-22", "USDT", "1", "2"), row("2026-11-22", "USDT", "0.2", "0"), row("2026-11-22", "BTC", "9", "9")];
    expect(daysOf(items, "USDT")).toEqual([{ day: "2026-11-22", interest: "1.2", coupons: "2" }, { day: "2026-11-23", interest: "0.1", coupons: "0" }]);
  });
});
