import { describe, expect, it } from "vitest";
import { lendable, lineAt, linesOf, ltvOf, movementOf, part, percentOf, reach, worth, type Piece } from "./model";

// The brief's product: 1 BTC at 30,000 lends 24,000; warning at 25,500, liquidation line at 24,900.
const BTC: Piece = {
  asset: "BTC", quantity: "1", price: "30000", pledge: "0.8", haircut: "0",
  lines: linesOf({ basis: "PRICE_FRACTION", pledge: "0.8", warning: "0.85", displayed: "0.83" }),
};
const ETH: Piece = { asset: "ETH", quantity: "10", price: "2000", pledge: "0.7", haircut: "0.1", lines: { warning: "0.9", displayed: "0.93" } };

describe("an estimate", () => {
  it("lends what the pledge rate and the haircut leave", () => {
    expect(lendable([BTC])).toBe("24000");
    expect(lendable([BTC, ETH])).toBe("36600");
    expect(worth([BTC, ETH])).toBe("50000");
  });

  it("names the price that hits a line of one asset", () => {
    expect(reach("24000", [BTC], "warning")).toEqual({ price: "25500" });
    expect(reach("24000", [BTC], "displayed")).toEqual({ price: "24900" });
    expect(linesOf({ basis: "COVERAGE", pledge: "0.8", warning: "1.25", displayed: "1" })).toEqual({ warning: "0.8", displayed: "1" });
    expect(linesOf({ basis: "LTV", pledge: "0.5", warning: "0.65", displayed: "0.75" })).toEqual({ warning: "0.65", displayed: "0.75" });
  });

  it("names the fall of all prices for a basket", () => {
    expect(reach("30000", [BTC, ETH], "displayed")).toEqual({ fall: "0.36863" });
  });

  it("says nothing without a price or a debt", () => {
    expect(ltvOf("1", [{ ...BTC, price: null }])).toBe(null);
    expect(lineAt([{ ...BTC, price: null }], "warning")).toBe(null);
    expect(reach("0", [BTC], "warning")).toBe(null);
    expect(reach("5", [{ ...BTC, price: null }], "warning")).toBe(null);
  });

  it("takes a share on the grid and tells it again", () => {
    expect(part("33", "24000", "0.01")).toBe("7920");
    expect(part("7", "1.00000001", "0.00000001")).toBe("0.07");
    expect(percentOf("7920", "24000")).toBe("33");
    expect(percentOf("25000", "24000")).toBe("100");
    expect(percentOf("1", "0")).toBe("0");
  });
});

describe("a movement to try", () => {
  it("is one thing at a time, as texts", () => {
    expect(movementOf("top_up", "BTC", "0.50")).toEqual({ top_up: { asset: "BTC", quantity: "0.5" } });
    expect(movementOf("withdraw", "BTC", ".1")).toEqual({ withdraw: { asset: "BTC", quantity: "0.1" } });
    expect(movementOf("repay", "BTC", "100")).toEqual({ repay: "100" });
  });

  it("is none while nothing sensible is typed", () => {
    for (const typed of ["", "0", "-1", "x", "."]) expect(movementOf("repay", "BTC", typed)).toEqual({});
    expect(movementOf("none", "BTC", "5")).toEqual({});
  });
});
