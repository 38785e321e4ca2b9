// Withdrawals as staff name them: every state of its own, and why a person has to look.

import type { ReactNode } from "react";
import { useTranslation } from "react-i18next";
import { Pill, type Tone } from "@/kit/values";
import type { Withdrawal, WithdrawalState } from "../money/reads";

export const TONES: Record<WithdrawalState, Tone> = {
  review: "warn", approved: "info", reserved: "info", sent: "info", signed: "info", broadcast: "info", confirming: "info", final: "good", rejected: "bad",
  cancelled: "plain", failed: "bad", unknown: "warn", not_placed: "bad", manual: "bad",
};
export const STATES = Object.keys(TONES) as WithdrawalState[];

export function State({ of }: { of: Pick<Withdrawal, "state"> }): ReactNode {
  const { t } = useTranslation("treasury_wallet");
  return <Pill tone={TONES[of.state]}>{t(`withdrawal.state.${of.state}`)}</Pill>;
}

export function Reasons({ of }: { of: readonly string[] }): ReactNode {
  const { t } = useTranslation("treasury_wallet");
  if (of.length === 0) return <span className="dim">–</span>;
  return <ul className="treasury-reasons">{of.map((why) => <li key={why}>{t(`why.${why}`, { defaultValue: why })}</li>)}</ul>;
}
