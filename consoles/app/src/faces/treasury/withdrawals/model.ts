// A withdrawal that nobody can tell the end of: why that is so, and what people may do about it, without asking anybody.

import type { Schemas } from "@/api/client";
import type { Withdrawal } from "../money/reads";

export type Decided = Schemas["WithdrawalDecided"];

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
