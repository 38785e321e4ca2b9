import type { ReactNode } from "react";
import { Button } from "@/kit/Button";
import { Facts } from "@/kit/values";
import { Address } from "../Address";
import { useWords } from "../words";
import type { Sending, Sent } from "./useSending";

/** No answer came: unknown is not failed. Look, or ask again for the same: it is made at most once. */
export function Unknown({ of: { wish, to }, sending: { looked, busy, lookUp, again } }: { of: Sent; sending: Sending }): ReactNode {
  const { t, amount, network } = useWords();
  return (
    <div className="notice warn" role="alert">
      <p><strong>{t("unknown.title")}</strong></p>
      <p>{t(looked ? "unknown.not_found" : "unknown.looking")}</p>
      <Facts rows={[
        [t("review.arrives"), <span key="sum" className="number">{amount(wish.amount, wish.asset)}</span>],
        [t("choice.network"), network(wish.network)],
        [t("col.to"), <Address key="to" of={to.address} />],
      ]} />
      <div className="row">
        <Button busy={busy} onPress={() => void lookUp()}>{t("unknown.look")}</Button>
        <Button isDisabled={busy} onPress={() => void again()}>{t("unknown.again")}</Button>
      </div>
    </div>
  );
}
