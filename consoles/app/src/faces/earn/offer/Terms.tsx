// What an offer promises, before anybody puts money in.

import type { ReactNode } from "react";
import { Facts } from "@/kit/values";
import type { Offer } from "../reads";
import { useWords } from "../words";

export function Terms({ offer }: { offer: Offer }): ReactNode {
  const { t, amount, tenor, early } = useWords();
  const { asset, customer_cap: cap, customer_day_cap: dayCap } = offer;
  return (
    <div className="stack">
      <Facts rows={[
        [t("term.tenor"), tenor(offer.tenor)],
        [t("term.begins"), t("term.begins_on", { on: offer.value_date })],
        [t("term.maturity"), t("term.maturity_on", { on: offer.maturity })],
        [t("term.payout"), t(`payout.${offer.payout_period}`)],
        [t("term.minimum"), t("term.minimum_of", { least: amount(offer.minimum, asset), step: amount(offer.step, asset) })],
        ...(cap === null ? [] : [[t("term.cap"), amount(cap, asset)] as const]),
        ...(dayCap === null ? [] : [[t("term.day_cap"), amount(dayCap, asset)] as const]),
        [t("term.day_count"), t(`day_count.${offer.day_count.replace("/", "_")}`)],
      ]} />
      <h3>{t("early.title")}</h3>
      <p>{early(offer)}</p>
    </div>
  );
}
