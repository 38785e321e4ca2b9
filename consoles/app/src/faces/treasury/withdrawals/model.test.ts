import { expect, test } from "vitest";
import type { Withdrawal } from "../money/reads";
import { answerOf, causeOf, deedOf, type Decided } from "./model";

const TXID = "0x" + "ab".repeat(32);

const manual = (decision: Decided["state"] | null, contradiction: string | null = null): Pick<Withdrawal, "state" | "review"> => (
  { state: "manual", review: { decision: decision === null ? null : { state: decision }, contradiction } } as Withdrawal
);

test("why it is with people", () => {
  expect(causeOf(manual(null))).toBe("silent");
  expect(causeOf(manual(null, "failed after it was final"))).toBe("contradicted");
});

test("while the custodian is asked nobody proposes anything", () => {
  expect([null, "proposed", "asking", "refused"].map((state) => deedOf(manual(state as Decided["state"] | null)))).toEqual(["decide", "replace", null, "decide"]);
  expect(deedOf({ ...manual("refused"), state: "final" })).toBeNull();
});

test("the custodian's answer is a word, and with some its transaction", () => {
  expect(answerOf("absent")).toEqual({ word: "absent", txid: null });
  expect(answerOf(`signed ${TXID}`)).toEqual({ word: "signed", txid: TXID });
});
