import type { ReactNode } from "react";
import { useTranslation } from "react-i18next";
import { Pill, type Tone } from "@/kit/values";
import type { Decimal } from "@/money/decimal";
import { formatExact } from "@/money/format";
import { useSettings } from "@/settings/settings";
import type { Verdict } from "../money/verdict";
import { outcomeOf } from "./model";
import type { Transfer, TransferState } from "./reads";

const TONES: Record<TransferState, Tone> = {
  draft: "warn", rejected: "bad", cancelled: "plain", reserved: "info", sent: "info", unknown: "warn", in_transit: "info", arrived: "bad", closed: "good",
  failed: "bad", not_placed: "bad", settled: "good",
};

/** How far it is; one that takes too long says so as long as it is on its way. */
export function State({ of }: { of: Pick<Transfer, "state" | "late_at" | "ended_at"> }): ReactNode {
  const { t } = useTranslation("treasury_moves");
  return (
    <span className="row">
      <Pill tone={TONES[of.state]}>{t(`state.${of.state}`)}</Pill>
      {of.late_at !== null && of.ended_at === null && <Pill tone="bad">{t("late")}</Pill>}
    </span>
  );
}

/** What two people's word books: both who asks and who agrees read the same. */
export function Books({ left, received, asset, to }: { left: Decimal; received: Decimal; asset: string; to: string }): ReactNode {
  const { t } = useTranslation("treasury_moves");
  const { language } = useSettings().settings;
  const { kind, sum } = outcomeOf(left, received);
  return <p className="notice warn">{t(`settle.does.${kind}`, { to, received: `${formatExact(received, language)} ${asset}`, sum: `${formatExact(sum, language)} ${asset}` })}</p>;
}

/** What two people's word on one that nobody can tell does: both who asks and who agrees read the same. */
export function Moves({ verdict, amount, asset, from, to }: { verdict: Verdict; amount: Decimal; asset: string; from: string; to: string }): ReactNode {
  const { t } = useTranslation("treasury_moves");
  const { language } = useSettings().settings;
  return <p className="notice warn">{t(`decide.does.${verdict}`, { from, to, amount: `${formatExact(amount, language)} ${asset}` })}</p>;
}
