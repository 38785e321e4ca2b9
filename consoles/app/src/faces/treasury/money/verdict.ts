// What people say became of a payment that nobody can tell the end of, and what fits the form, without asking anybody.

import type { Schemas } from "@/api/client";

export type Verdict = Schemas["WithdrawalVerdict"];
export type Wish = Schemas["WithdrawalDecisionIn"] & Schemas["TreasuryDecisionIn"];

export const VERDICTS = ["paid", "unpaid"] as const satisfies readonly Verdict[];

export interface Draft {
  verdict: Verdict | "";
  txid: string;
  evidence: string;
}

/** The transaction that was told of it is the likeliest one. */
export const begun = ({ txid }: { txid: string | null }): Draft => ({ verdict: "", txid: txid ?? "", evidence: "" });

const TXID = /^[a-z0-9]{1,128}$/i;

export const isTxid = (typed: string): boolean => TXID.test(typed.trim());

/** What is asked for; null while something is missing. Only what was paid names its transaction. */
export function wishOf({ verdict, txid, evidence }: Draft): Wish | null {
  if (verdict === "" || evidence.trim() === "") return null;
  if (verdict === "unpaid") return { verdict, evidence: evidence.trim() };
  return isTxid(txid) ? { verdict, txid: txid.trim(), evidence: evidence.trim() } : null;
}
