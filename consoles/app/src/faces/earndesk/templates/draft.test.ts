import { describe, expect, it } from "vitest";
import { FIELDS } from "../terms";
import { bodyOf, draftOf, exampleOf, fieldOf, highestIn, NEW, renewalsOf, standing, stepOf, typedIn, type Draft } from "./draft";
import { keptFrom } from "./kept";

const DRAFT: Draft = { ...NEW, name: " Month ", tiers: [{ above: "", apr: "5.0" }, { above: "10000", apr: "3" }], terms: { ...NEW.terms, daily_quota: "10000.0", minimum: "100", step: "10" } };

describe("a product while it is typed", () => {
  it("becomes what the API wants: rates as fractions, texts for amounts, numbers for counts, null for what is missing", () => {
    const body = bodyOf(DRAFT);
    expect(body).toMatchObject({ name: "Month", asset: "USDT", effective_from: null });
    expect(body.terms).toMatchObject({
      tiers: [{ above: "0", apr: "0.05" }, { above: "10000", apr: "0.03" }], tenor: "30D", lag_days: 1, daily_quota: "10000", customer_cap: null,
      penal_rate: "0", move_to: null, renewals: ["pay_out"], holidays: [],
    });
  });

  it("leaves nonsense as it is, for the server to name its field", () => {
    const wrong = bodyOf({ ...DRAFT, tiers: [{ above: "0", apr: "five" }], terms: { ...DRAFT.terms, lag_days: "1.5", step: "x" } });
    expect(wrong.terms).toMatchObject({ tiers: [{ above: "0", apr: "five" }], lag_days: "1.5", step: "x" });
  });

  it("reads a version back into the same body", () => {
    const body = bodyOf({ ...DRAFT, effective_from: "2026-12-01", holidays: ["2026-12-25"], renewals: ["renew_all", "pay_out"], terms: { ...DRAFT.terms, early: "PENAL_RATE", penal_rate: "0.5" } });
    expect(bodyOf(draftOf(body as unknown as Parameters<typeof draftOf>[0]))).toEqual(body);
  });

  it("forgets a rate of an early end, or a product to move to, that its choices do not use", () => {
    expect(bodyOf({ ...DRAFT, terms: { ...DRAFT.terms, penal_rate: "1", move_to: "id" } }).terms).toMatchObject({ penal_rate: "0", move_to: null });
    expect(bodyOf({ ...DRAFT, renewals: ["pay_out", "move"], terms: { ...DRAFT.terms, move_to: "id" } }).terms).toMatchObject({ move_to: "id" });
  });

  it("keeps the first renewal first, and the others in their order", () => {
    expect(renewalsOf(["move", "pay_out", "renew_all"], "renew_all")).toEqual(["renew_all", "pay_out", "move"]);
    expect(renewalsOf(["pay_out"], "renew_all")).toEqual(["pay_out"]);
    expect(renewalsOf([], "pay_out")).toEqual([]);
  });
});

describe("what the server refuses", () => {
  it("stands on the step of its field", () => {
    expect(["name", "terms.apr", "terms.tiers.1.above", "terms", "terms.zone", "terms.daily_quota", "terms.move_to", "effective_from", "?"].map(stepOf))
      .toEqual(["what", "what", "what", "what", "when", "size", "end", "check", "check"]);
    expect(fieldOf("terms.apr")).toBe("tiers");
  });

  it("is judged anew once its field was changed, and not before", () => {
    const faults = [{ field: "terms.apr", message: "too high" }, { field: "terms.step", message: "odd" }, { field: "elsewhere", message: "?" }];
    expect(standing(faults, DRAFT, { ...DRAFT, name: "Other" })).toEqual(faults);
    expect(standing(faults, DRAFT, { ...DRAFT, tiers: [{ above: "0", apr: "4" }] }).map(({ field }) => field)).toEqual(["terms.step", "elsewhere"]);
    for (const field of FIELDS) expect(typedIn(DRAFT, field)).toBeDefined();
  });

  it("names the highest rate in percent", () => {
    expect(highestIn("apr: a fraction from 0 to 0.3, not 5")).toBe("30");
    expect(highestIn("tiers: the first one begins at 0")).toBeNull();
  });
});

describe("what was typed and not saved", () => {
  it("is found again, unless it is none of this editor's", () => {
    const kept = { base: NEW, draft: DRAFT };
    expect(keptFrom(JSON.stringify(kept), NEW)).toEqual(kept);
    for (const text of [null, "", "{", "7", "{}", JSON.stringify({ base: NEW, draft: { ...DRAFT, terms: {} } })]) expect(keptFrom(text, NEW)).toBeNull();
  });

  it("is tried with ten of the smallest, where a day sells so much", () => {
    expect(exampleOf({ minimum: "100", daily_quota: "10000" })).toBe("1000");
    expect(exampleOf({ minimum: "100", daily_quota: "500" })).toBe("100");
  });
});
