import { expect, test } from "vitest";
import { begun, wishOf } from "./verdict";

const TXID = "0x" + "ab".repeat(32);
const draft = { verdict: "paid", txid: ` ${TXID} `, evidence: " seen in block 7 " } as const;

test("what was paid names its transaction, and nothing else does", () => {
  expect(wishOf(draft)).toEqual({ verdict: "paid", txid: TXID, evidence: "seen in block 7" });
  expect(wishOf({ ...draft, verdict: "unpaid" })).toEqual({ verdict: "unpaid", evidence: "seen in block 7" });
  expect(wishOf({ ...draft, txid: "https://scan.example/tx/0xab" })).toBeNull();
  expect(wishOf({ ...draft, txid: "" })).toBeNull();
  expect(wishOf({ ...draft, evidence: "  " })).toBeNull();
  expect(wishOf({ ...draft, verdict: "" })).toBeNull();
});

test("the form begins with the transaction that is known, and with no verdict", () => {
  expect(begun({ txid: TXID })).toEqual({ verdict: "", txid: TXID, evidence: "" });
  expect(begun({ txid: null }).txid).toBe("");
});
