// Words that the list and the page of a liquidation share.

import type { ReactNode } from "react";
import { useTranslation } from "react-i18next";
import { Amount, Pill, type Tone } from "@/kit/values";
import { compare, sub } from "@/money/decimal";
import { earnedBy, isOver, owedOf, progressOf, type Liquidation } from "./model";
import type { Breaker } from "./reads";

const TONES: Record<Liquidation["status"], Tone> = { open: "info", selling: "info", paused: "warn", settling: "info", done: "good", shortfall: "bad" };

export function Status({ of }: { of: Liquidation }): ReactNode {
  const { t } = useTranslation("lending_sales");
  return <Pill tone={TONES[of.status]}>{t(`status.${of.status}`)}</Pill>;
}

/** Why it is paused; nothing where it is not. */
export function Pause({ of: { pause_reason: reason } }: { of: Liquidation }): ReactNode {
  const { t } = useTranslation("lending_sales");
  return reason === null ? null : <div className="dim">{t(`pause.${reason}`, { defaultValue: reason })}</div>;
}

/** What became of the loan, where that needs somebody's eye. */
export function LoanState({ of }: { of: Liquidation }): ReactNode {
  const { t } = useTranslation("lending_sales");
  const tone: Tone = of.loan_status === "bad_debt" ? "bad" : of.loan_status === "liquidating" ? "info" : "plain";
  return <Pill tone={tone}>{t(`loan.${of.loan_status}`)}</Pill>;
}

/** "0.45 of 0.9 BTC", one line per asset. */
export function Sold({ of }: { of: Liquidation }): ReactNode {
  const { t } = useTranslation("lending_sales");
  return progressOf(of).map(({ asset, sold, sell }) => (
    <div key={asset} className="number"><Amount value={sold} /> {t("list.of")} <Amount value={sell} asset={asset} /></div>
  ));
}

export function Stopped({ by }: { by: Breaker | null }): ReactNode {
  const { t } = useTranslation("lending_sales");
  if (by === null) return <span className="dim">–</span>;
  return <Pill tone={by.level === 3 ? "bad" : "warn"}>{t("breaker.short", { level: by.level, asset: by.asset === "*" ? t("breaker.every") : by.asset })}</Pill>;
}

/** What sales must still bring before the debt is paid; our fee is not in it. */
export function Missing({ of }: { of: Liquidation }): ReactNode {
  const owed = of.wanted ?? owedOf(of);
  const earned = earnedBy(of.sales);
  return <Amount value={isOver(of) || compare(earned, owed) >= 0 ? "0" : sub(owed, earned)} asset={of.asset} />;
}
