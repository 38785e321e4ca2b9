import { describe, expect, it } from "vitest";
import en from "@/i18n/en/earndesk_payouts.json";
import zh from "@/i18n/zh/earndesk_payouts.json";
import { isLeft, knownReason, lookAgainIn, REASONS, TONES } from "./model";

describe("runs of the payout", () => {
  it("are looked at again sooner while one is at work, or was just begun", () => {
    const idle = lookAgainIn([{ state: "ended" }, { state: "died" }], false);
    expect(lookAgainIn([], false)).toBe(idle);
    expect(lookAgainIn([{ state: "ended" }, { state: "running" }], false)).toBeLessThan(idle);
    expect(lookAgainIn([], true)).toBeLessThan(idle);
  });

  it("leave something only when they are over", () => {
    expect(isLeft({ state: "running", still_due: 5 })).toBe(false);
    expect(isLeft({ state: "ended", still_due: 0 })).toBe(false);
    expect([isLeft({ state: "ended", still_due: 1 }), isLeft({ state: "died", still_due: 1 })]).toEqual([true, true]);
  });

  it("have a word and a colour of its own for each state", () => {
    expect(new Set(Object.values(TONES)).size).toBe(3);
    for (const texts of [en, zh]) expect(Object.keys(texts.state).sort()).toEqual(Object.keys(TONES).sort());
  });
});

describe("why the ledger refused", () => {
  it("has words for what is known, and is else shown as it is written", () => {
    expect(knownReason("account_closed")).toBe("account_closed");
    expect(knownReason("something_new")).toBe(null);
    for (const texts of [en, zh]) expect(Object.keys(texts.reason).sort()).toEqual([...REASONS].sort());
  });
});
