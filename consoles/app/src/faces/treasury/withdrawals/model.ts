// What people say of a withdrawal that nobody can tell the end of, and what fits the form, without asking anybody.

import type { Schemas } from "@/api/client";
import type { Withdrawal } from "../money/reads";

export type Decided = Schemas["WithdrawalDecided"];
export type Verdict = Schemas["WithdrawalVerdict"];
export type Wish = Schemas["WithdrawalDecisionIn"];

export const VERDICTS = ["paid", "unpaid"] as const satisfies readonly Verdict[];

export interface Draft {
  verdict: Verdict | "";
  txid: string;
  evidence: string;
}

/** The transaction that was told of it is the likeliest one. */
export const begun = ({ txid }: Pick<Withdrawal, "txid">): Draft => ({ verdict: "", txid: txid ?? "", evidence: "" });

const TXID = /^[a-z0-9]{1,128}$/i;

export const isTxid = (typed: string): boolean => TXID.test(typed.trim());

/** What is asked for; null while something is missing. Only what was paid names its transaction. */
export function wishOf({ verdict, txid, evidence }: Draft): Wish | null {
  if (verdict === "" || evidence.trim() === "") return null;
  if (verdict === "unpaid") return { verdict, evidence: evidence.trim() };
  return isTxid(txid) ? { verdict, txid: txid.trim(), evidence: evidence.trim() } : null;
}

/** Why it is with people: the custodian said what cannot be, or for too long nothing that could be trusted. */
export const causeOf = ({ review }: Pick<Withdrawal, "review">): "contradicted" | "silent" => (review?.contradiction == null ? "silent" : "contradicted");

/** What the custodian answered to a decision: a word, and with some the transaction. */
export function answerOf(told: string): { word: string; txid: string | null } {
  const [word = "", txid = null] = told.split(" ");
  return { word, txid };
}

/** What may be done: nothing once two people agree and the custodian is being asked. Another proposal takes the place of one that waits. */
export function deedOf({ state, review }: Pick<Withdrawal, "state" | "review">): "decide" | "replace" | null {
  if (state !== "manual" || review?.decision?.state === "asking") return null;
  return review?.decision?.state === "proposed" ? "replace" : "decide";
}
