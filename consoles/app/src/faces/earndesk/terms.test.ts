import { describe, expect, it } from "vitest";
import { before, differences, FIELDS, tenorOf, unknownFields, valueOf, type Promised, type Template } from "./terms";

const TERMS = {
  tiers: [{ above: "0", apr: "0.05" }], payout: "monthly", tenor: "30D", zone: "UTC", opens: "00:00", closes: "00:00", lag_days: 1, daily_quota: "10000",
  minimum: "100", step: "10", customer_cap: null, customer_day_cap: null, day_count: "actual/365", early: "FORFEIT_CURRENT", penal_rate: "0",
  renewals: ["pay_out"], move_to: null, holidays: [],
} as unknown as Template["terms"];
const ONE: Promised = { name: "A month", asset: "USDT", effective_from: null, terms: TERMS };
const version = (n: number, status: Template["status"], published: string | null): Template => ({ ...ONE, version: n, status, published_at: published }) as unknown as Template;

describe("the terms of a product", () => {
  it("are all asked for by one of the steps, once", () => {
    expect(new Set(FIELDS).size).toBe(FIELDS.length);
    expect(new Set(FIELDS)).toEqual(new Set([...Object.keys(TERMS), "name", "asset", "effective_from"]));
    expect(valueOf(ONE, "name")).toBe("A month");
    expect(valueOf(ONE, "customer_cap")).toBeNull();
  });

  it("differ where they say something else, not where they are written in another order", () => {
    const other = { ...ONE, terms: { ...TERMS, tiers: [{ apr: "0.05", above: "0" }], step: "1" } };
    expect(differences(ONE, other)).toEqual(["step"]);
    expect(differences(ONE, { ...ONE, name: "Another", terms: { ...TERMS, tiers: [{ above: "0", apr: "0.06" }] } })).toEqual(["name", "tiers"]);
  });

  it("are never left out for having no name here", () => {
    const newer = { ...ONE, terms: { ...TERMS, sauce: "hot" } as Template["terms"] };
    expect(unknownFields(ONE, newer)).toEqual(["sauce"]);
    expect(differences(ONE, newer)).toEqual(["sauce"]);
  });

  it("are compared with what is offered before, or was once", () => {
    const all = [version(4, "draft", null), version(3, "retired", null), version(2, "published", "2026-11-01T00:00:00Z"), version(1, "retired", "2026-10-01T00:00:00Z")];
    expect(before(4, all)?.version).toBe(2);
    expect(before(2, all)?.version).toBe(1);
    expect(before(1, all)).toBeUndefined();
    expect(before(4, all.filter((one) => one.version !== 2))?.version).toBe(1);
  });

  it("have a tenor of a number and a unit", () => {
    expect(tenorOf("3M")).toEqual({ count: "3", unit: "M" });
    expect(tenorOf("?")).toEqual({ count: "", unit: "D" });
  });
});
