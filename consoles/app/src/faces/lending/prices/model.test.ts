import { describe, expect, it } from "vitest";
import { bodyOf, faultOf, newDraft, oneSeen, type Draft } from "./model";

describe("what was seen", () => {
  it("is read from the market's evidence and from what people entered", () => {
    expect(oneSeen({ price: "24600", state: "NORMAL", age_ms: 120, venues: [{ venue: "okx", mid: "24601", used: true }, { venue: "kraken", mid: null, used: false }] }))
      .toEqual({ price: "24600", state: "NORMAL", ageMs: 120, enteredId: null, venues: [{ venue: "okx", price: "24601", used: true }, { venue: "kraken", price: null, used: false }] });
    expect(oneSeen({ price: "24610", state: "ENTERED", entered_id: "e", venues: [{ venue: "okx", price: "24620" }] }))
      .toMatchObject({ enteredId: "e", venues: [{ venue: "okx", price: "24620", used: true }] });
    expect(oneSeen(null)).toEqual({ price: null, state: "", ageMs: null, enteredId: null, venues: [] });
  });
});

const WHOLE: Draft = {
  what: "price", market: "BTC-USDT", price: "24610.50", minutes: "10", reason: " by telephone ",
  venues: [{ venue: "kraken", price: "24600" }, { venue: "okx", price: "24620" }, { venue: "", price: "" }],
};

describe("an entered price", () => {
  it("goes as texts, without the rows that were left empty", () => {
    expect(faultOf(WHOLE)).toBeNull();
    expect(bodyOf(WHOLE)).toEqual({
      asset: "BTC", quote: "USDT", price: "24610.5", minutes: 10, reason: "by telephone", venues: [{ venue: "kraken", price: "24600" }, { venue: "okx", price: "24620" }],
    });
    expect(bodyOf({ ...WHOLE, what: "last", price: "" })).toMatchObject({ price: null, venues: [] });
  });

  it("must lie between what two different venues show", () => {
    const [first, second] = WHOLE.venues;
    if (first === undefined || second === undefined) throw new Error("there are two");
    expect(faultOf({ ...WHOLE, price: "24600" })).toBeNull();
    expect(faultOf({ ...WHOLE, price: "24599.99" })).toBe("between");
    expect(faultOf({ ...WHOLE, price: "24620.000001" })).toBe("between");
    expect(faultOf({ ...WHOLE, venues: [first] })).toBe("venues");
    expect(faultOf({ ...WHOLE, venues: [first, { venue: "okx", price: "x" }] })).toBe("venues");
    expect(faultOf({ ...WHOLE, venues: [first, second, { venue: "", price: "24610" }] })).toBe("venues");
    expect(faultOf({ ...WHOLE, venues: [first, { ...second, venue: " kraken" }] })).toBe("twice");
  });

  it("counts from a minute to an hour, with a reason", () => {
    for (const minutes of ["0", "61", "1.5", "", "-1"]) expect(faultOf({ ...WHOLE, minutes })).toBe("minutes");
    for (const minutes of ["1", "60"]) expect(faultOf({ ...WHOLE, minutes })).toBeNull();
    expect(faultOf({ ...WHOLE, reason: " " })).toBe("reason");
    expect(faultOf(newDraft("BTC-USDT"))).toBe("price");
    expect(faultOf({ ...newDraft(""), what: "last" })).toBe("market");
  });
});
