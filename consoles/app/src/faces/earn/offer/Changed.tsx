// The house offers something else than what was on the screen: what is different, side by side, and a question.

import type { ReactNode } from "react";
import { Button } from "@/kit/Button";
import { Table } from "@/kit/Table";
import { changesOf, type Changed as Difference } from "../model";
import type { Offer } from "../reads";
import { useWords } from "../words";

export function Changed({ before, after, onAgree }: { before: Offer; after: Offer; onAgree: () => void }): ReactNode {
  const { t } = useWords();
  const tell = useTelling();
  return (
    <div className="stack" role="alert">
      <p className="notice warn">{t("changed.title")}</p>
      <Table name={t("changed.what")} rows={changesOf(before, after)} rowKey={(key) => key} columns={[
        { key: "what", title: t("changed.what"), cell: (key) => t(`changed.of.${key}`) },
        { key: "before", title: t("changed.before"), wrap: true, cell: (key) => tell(key, before) },
        { key: "after", title: t("changed.after"), wrap: true, cell: (key) => <strong>{tell(key, after)}</strong> },
      ]} />
      <div><Button kind="primary" onPress={onAgree}>{t("changed.agree")}</Button></div>
    </div>
  );
}

function useTelling(): (key: Difference, offer: Offer) => string {
  const { t, amount, percent, tiers, early } = useWords();
  return (key, offer) => {
    switch (key) {
      case "tiers": return tiers(offer.tiers, offer.asset).join("; ");
      case "minimum": case "step": return amount(offer[key], offer.asset);
      case "payout_period": return t(`payout.${offer.payout_period}`);
      case "early": return early(offer);
      case "penal_rate": return percent(offer.penal_rate);
      default: return offer[key];
    }
  };
}
