// How a run of the payout looks, how soon to look again, and which refusals have words.

import type { Schemas } from "@/api/client";
import type { Tone } from "@/kit/values";

export type Run = Schemas["PayoutOut"];
export type RefusedRow = Schemas["RefusedRowOut"];

export const TONES: Record<Run["state"], Tone> = { running: "info", ended: "good", died: "bad" };

const FOLLOWING_MS = 1_000;
const IDLE_MS = 10_000;

/** A run that is at work is followed; `asked` says that one was just begun by hand, which the list may not know yet. */
export function lookAgainIn(runs: readonly Pick<Run, "state">[], asked: boolean): number {
  return asked || runs.some(({ state }) => state === "running") ? FOLLOWING_MS : IDLE_MS;
}

/** What is due and unpaid is late only once its run is over: until then it is what the run has before it. */
export function isLeft({ state, still_due: due }: Pick<Run, "state" | "still_due">): boolean {
  return state !== "running" && due > 0;
}

export const REASONS = ["account_closed", "account_frozen", "account_not_found", "insufficient_funds"] as const;
export type Reason = (typeof REASONS)[number];

/** The ledger may learn new reasons before this page does; those are shown as they are written. */
export function knownReason(reason: string): Reason | null {
  return REASONS.find((one) => one === reason) ?? null;
}
