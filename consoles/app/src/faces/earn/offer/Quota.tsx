import type { ReactNode } from "react";
import { percentLeft } from "../model";
import type { Offer } from "../reads";
import { useWords } from "../words";

/** What is left of a day's quota: the bar for a glance, the number for the truth. */
export function Quota({ offer }: { offer: Pick<Offer, "quota" | "quota_left" | "asset"> }): ReactNode {
  const { t, amount } = useWords();
  const percent = percentLeft(offer.quota_left, offer.quota);
  return (
    <div className="earn-quota">
      <div className="progress" role="img" aria-label={t("quota.label", { percent })}><div style={{ width: `${percent}%` }} /></div>
      <p className="dim number">{t("quota.left", { left: amount(offer.quota_left, offer.asset), quota: amount(offer.quota, offer.asset) })}</p>
    </div>
  );
}
