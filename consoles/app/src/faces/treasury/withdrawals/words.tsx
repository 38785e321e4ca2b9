// Withdrawals as staff name them: every state of its own, why a person has to look, and what two people's word does.

import type { ReactNode } from "react";
import { useTranslation } from "react-i18next";
import { Pill, type Tone } from "@/kit/values";
import { add, type Decimal } from "@/money/decimal";
import { formatExact } from "@/money/format";
import { useSettings } from "@/settings/settings";
import type { Withdrawal, WithdrawalState } from "../money/reads";
import type { Verdict } from "../money/verdict";
import type { Decided } from "./model";

export const TONES: Record<WithdrawalState, Tone> = {
  review: "warn", approved: "info", reserved: "info", sent: "info", signed: "info", broadcast: "info", confirming: "info", final: "good", rejected: "bad",
  cancelled: "plain", failed: "bad", unknown: "warn", not_placed: "bad", manual: "bad",
};
export const DECISION_TONES: Record<Decided["state"], Tone> = { proposed: "warn", asking: "info", carried_out: "good", refused: "bad", overtaken: "plain" };
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

/** What a decision does to the customer's money: both who asks and who agrees read the same. */
export function Does({ verdict, amount, fee, asset }: { verdict: Verdict; amount: Decimal; fee: Decimal; asset: string }): ReactNode {
  const { t } = useTranslation("treasury_wallet");
  const { language } = useSettings().settings;
  const sum = (value: Decimal): string => `${formatExact(value, language)} ${asset}`;
  return <p className="notice warn">{t(`manual.does.${verdict}`, { total: sum(add(amount, fee)), amount: sum(amount), fee: sum(fee) })}</p>;
}
