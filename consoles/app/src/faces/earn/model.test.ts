import { describe, expect, it } from "vitest";
import {
  amountOf, bonusOf, byProduct, changesOf, couponsFor, earnedOf, faultOf, highestRate, leftUntil, monthOf, mostOf, partsOf, payoutsOf, percentLeft, phaseOf, rateOf, shiftMonth, rowSum, sumsOf, weeksOf,
  type Limits, type Row, type Terms,
} from "./model";

const TIERS = [{ above: "0", apr: "0.08" }, { above: "10000", apr: "0.06" }];
const LIMITS: Limits = { minimum: "100", step: "10", quotaLeft: "5000", available: "1234.5", capLeft: "2000" };

describe("a rate for an amount", () => {
  it("counts each tier for its own part", () => {
    expect(partsOf("15000", TIERS)).toEqual([{ amount: "10000", apr: "0.08" }, { amount: "5000", apr: "0.06" }]);
    expect(partsOf("10000", TIERS)).toEqual([{ amount: "10000", apr: "0.08" }]);
    expect(rateOf("15000", TIERS)).toBe("0.073333333333");
    expect(rateOf("20000", TIERS)).toBe("0.07");
    expect(rateOf("0", TIERS)).toBe("0.08");
    expect(highestRate([{ above: "0", apr: "0.03" }, { above: "5", apr: "0.10" }])).toBe("0.10");
  });
});

describe("an amount", () => {
  it("is at most what fits everywhere, in steps", () => {
    expect(mostOf(LIMITS)).toBe("1230");
    expect(mostOf({ ...LIMITS, available: "3000" })).toBe("2000");
    expect(mostOf({ ...LIMITS, available: null, capLeft: null })).toBe("5000");
    expect(mostOf({ ...LIMITS, available: "99" })).toBe("0");
  });

  it("is refused for the first thing that is wrong", () => {
    expect(faultOf("99", LIMITS)).toEqual({ key: "minimum", of: "100" });
    expect(faultOf("1005", LIMITS)).toEqual({ key: "step", of: "10" });
    expect(faultOf("5010", LIMITS)).toEqual({ key: "quota", of: "5000" });
    expect(faultOf("2010", LIMITS)).toEqual({ key: "cap", of: "2000" });
    expect(faultOf("1300", LIMITS)).toEqual({ key: "funds", of: "65.5" });
    expect(faultOf("1230", LIMITS)).toBe(null);
    expect(faultOf("1300", { ...LIMITS, available: null, capLeft: null })).toBe(null);
  });

  it("is none while nothing sensible is typed", () => {
    for (const typed of ["", "0", "-5", "x", "."]) expect(amountOf(typed)).toBe(null);
    expect(amountOf("010.50")).toBe("10.5");
  });

  it("that is left of a quota is never nothing while there is something", () => {
    expect([percentLeft("1", "1000000"), percentLeft("0", "10"), percentLeft("999999", "1000000"), percentLeft("10", "10")]).toEqual(["1", "0", "99", "100"]);
  });
});

describe("a sale", () => {
  const sale = { status: "on_sale", opens_at: "2026-12-01T00:00:00Z", closes_at: "2026-12-02T00:00:00Z" };
  const at = (time: string): number => Date.parse(time);

  it("opens and closes by the house's time, whatever was read before", () => {
    expect(phaseOf({ ...sale, status: "planned" }, at("2026-11-30T23:59:59Z"))).toBe("planned");
    expect(phaseOf({ ...sale, status: "planned" }, at("2026-12-01T00:00:00Z"))).toBe("on_sale");
    expect(phaseOf({ ...sale, status: "sold_out" }, at("2026-12-01T12:00:00Z"))).toBe("sold_out");
    expect(phaseOf(sale, at("2026-12-02T00:00:00Z"))).toBe("closed");
    expect(phaseOf({ ...sale, status: "withdrawn" }, at("2026-12-01T12:00:00Z"))).toBe("closed");
  });

  it("tells what is left without ever promising more", () => {
    expect(leftUntil(sale.closes_at, at("2026-11-30T20:30:00Z"))).toMatchObject({ key: "days", days: 1, hours: 3 });
    expect(leftUntil(sale.closes_at, at("2026-12-01T20:30:00.001Z"))).toMatchObject({ key: "hours", hours: 3, minutes: 29, seconds: 59 });
    expect(leftUntil(sale.closes_at, at("2026-12-01T23:59:59.5Z"))).toMatchObject({ key: "minutes", minutes: 0, seconds: 0 });
    expect(leftUntil(sale.closes_at, at("2026-12-05T00:00:00Z"))).toMatchObject({ key: "minutes", minutes: 0, seconds: 0 });
  });

  it("is shown once for each product, with the one after it", () => {
    const day = (template: string, on: number): typeof sale & { template: string } => ({ ...sale, template, opens_at: `2026-12-0${on}T00:00:00Z`, closes_at: `2026-12-0${on + 1}T00:00:00Z` });
    const found = byProduct([day("a", 1), day("b", 1), day("a", 2), day("b", 2), day("a", 3)], () => at("2026-12-02T01:00:00Z"));
    expect(found.map(({ offer, next }) => [offer.template, offer.opens_at.slice(0, 10), next?.opens_at.slice(0, 10)])).toEqual([["a", "2026-12-02", "2026-12-03"], ["b", "2026-12-02", undefined]]);
  });
});

describe("terms", () => {
  it("differ where they promise something else", () => {
    const terms: Terms = { version: 1, name: "M", tiers: TIERS, minimum: "10", step: "1", value_date: "2026-12-02", maturity: "2027-01-01", payout_period: "weekly", early: "PAY_ACCRUED", penal_rate: "0" };
    expect(changesOf(terms, { ...terms, version: 2 })).toEqual([]);
    expect(changesOf(terms, { ...terms, version: 2, tiers: [{ above: "0", apr: "0.04" }], minimum: "20" })).toEqual(["tiers", "minimum"]);
  });
});

describe("coupons", () => {
  it("are good for their asset, and for the products they name or for all", () => {
    const coupons = [{ asset: "USDT", templates: [] }, { asset: "USDT", templates: ["a"] }, { asset: "USDT", templates: ["b"] }, { asset: "BTC", templates: [] }];
    expect(couponsFor(coupons, { asset: "USDT", template: "a" })).toEqual(coupons.slice(0, 2));
  });
});

describe("payouts", () => {
  const row = (seq: number, due_date: string, status: Row["status"], principal = "0"): Row => ({ seq, due_date, interest: "1.5", bonus: seq === 2 ? "0.5" : "0", principal, status });
  const plan = [row(1, "2026-12-08", "paid"), row(2, "2026-12-15", "pending"), row(3, "2026-12-22", "pending", "100")];

  it("stand in the order of days, without what is void", () => {
    const other = { id: "b", name: "B", asset: "BTC", plan: [row(1, "2026-12-15", "void"), row(2, "2026-12-01", "pending")] };
    const found = payoutsOf([{ id: "a", name: "A", asset: "USDT", plan }, other]);
    expect(found.map(({ id, due_date }) => [id, due_date])).toEqual([["b", "2026-12-01"], ["a", "2026-12-08"], ["a", "2026-12-15"], ["a", "2026-12-22"]]);
    expect([earnedOf(plan, "pending"), earnedOf(plan, "paid"), bonusOf(plan), rowSum(row(2, "2026-12-15", "pending", "100"))]).toEqual(["3.5", "1.5", "0.5", "102"]);
    expect(sumsOf(found.map(({ asset, interest }) => ({ asset, value: interest })))).toEqual([{ asset: "BTC", value: "1.5" }, { asset: "USDT", value: "4.5" }]);
  });

  it("lie in months of whole weeks", () => {
    expect(weeksOf("2026-12").map((week) => week.map((day) => day?.slice(8) ?? ""))).toEqual([
      ["", "01", "02", "03", "04", "05", "06"], ["07", "08", "09", "10", "11", "12", "13"], ["14", "15", "16", "17", "18", "19", "20"],
      ["21", "22", "23", "24", "25", "26", "27"], ["28", "29", "30", "31", "", "", ""],
    ]);
    expect(weeksOf("2027-02")).toHaveLength(4);
    expect([shiftMonth("2026-12", 1), shiftMonth("2027-01", -1), monthOf("2026-12-08")]).toEqual(["2027-01", "2026-12", "2026-12"]);
  });
});
