import type { ReactNode } from "react";
import { isZero, sub } from "@/money/decimal";
import { highestRate } from "../model";
import type { Offer } from "../reads";
import { useWords } from "../words";

/** The rate of a year, and beside it, smaller, what it becomes when every payout earns again: two numbers that must not be mixed up. */
export function Rate({ offer }: { offer: Pick<Offer, "tiers" | "apr" | "apy" | "asset"> }): ReactNode {
  const { t, percent, tiers } = useWords();
  const several = offer.tiers.length > 1;
  const best = highestRate(offer.tiers);
  return (
    <div className="earn-rate">
      <p><strong className="number">{t(several ? "rate.up_to" : "rate.plain", { rate: percent(best) })}</strong> <abbr title={t("rate.apr")}>APR</abbr></p>
      {!isZero(offer.apr) && isZero(sub(best, offer.apr)) && (
        <p className="dim"><span className="number">{t(several ? "rate.up_to" : "rate.plain", { rate: percent(offer.apy, 2) })}</span> <abbr title={t("rate.apy")}>APY</abbr></p>
      )}
      {several && <ul className="earn-tiers dim">{tiers(offer.tiers, offer.asset).map((line) => <li key={line}>{line}</li>)}</ul>}
    </div>
  );
}
