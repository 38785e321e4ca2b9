// The last look: what is put in, what comes of it, and what one agrees to. A refusal says what can be done about it.

import { useState, type ReactNode } from "react";
import { Link } from "react-router";
import { Refusal } from "@/api/problem";
import { useBalances } from "@/faces/retail/wallet/balances";
import { Button } from "@/kit/Button";
import { Failed } from "@/kit/states";
import { Facts } from "@/kit/values";
import { isZero, lessThan, sub } from "@/money/decimal";
import type { Phase } from "../model";
import { RenewalChoice } from "../RenewalChoice";
import type { Offer, Preview, Renewal } from "../reads";
import { useWords } from "../words";
import type { Subscribing } from "./subscribing";

interface Props {
  offer: Offer;
  preview: Preview;
  coupon: string | null;
  renewal: Renewal;
  onRenewal: (renewal: Renewal) => void;
  phase: Phase;
  subscribing: Subscribing;
  onAmount: () => void;
  onBack: () => void;
}

export function ConfirmStep({ offer, preview, coupon, renewal, onRenewal, phase, subscribing, onAmount, onBack }: Props): ReactNode {
  const { t, amount, percent, early } = useWords();
  const [agreed, setAgreed] = useState(false);
  const { send, busy, error, unknown } = subscribing;
  const { asset } = offer;
  const sum = amount(preview.principal, asset);
  const wish = { instance_id: offer.id, principal: preview.principal, expected_apr: offer.apr, expected_version: offer.version, renewal, coupon_id: coupon };
  return (
    <div className="stack">
      <Facts rows={[
        [t("plan.put_in"), <strong key="sum" className="number">{sum}</strong>],
        [t("estimate.rate"), `${percent(preview.apr, 2)} APR`],
        [t("estimate.interest"), amount(preview.total_interest, asset)],
        ...(isZero(preview.total_bonus) ? [] : [[t("estimate.bonus"), amount(preview.total_bonus, asset)] as const]),
        [t("term.payout"), t(`payout.${offer.payout_period}`)],
        [t("term.runs"), `${offer.value_date} – ${offer.maturity}`],
      ]} />
      {offer.renewals.length > 1 && <RenewalChoice offered={offer.renewals} chosen={renewal} onChoose={onRenewal} isDisabled={busy || unknown} />}
      <ul className="earn-terms">
        <li>{t("confirm.taken", { sum })}</li>
        <li>{t("confirm.interest", { from: offer.value_date, until: offer.maturity })}</li>
        <li>{early(offer)}</li>
        {coupon !== null && <li>{t("coupon.means")}</li>}
        <li>{t(`renewal.means.${renewal}`)}</li>
      </ul>
      <label className="earn-tick">
        <input type="checkbox" checked={agreed} disabled={busy || unknown} onChange={(event) => { setAgreed(event.target.checked); }} />
        <span>{t("confirm.agree")}</span>
      </label>
      {error !== null && <Refused error={error} offer={offer} preview={preview} onAmount={onAmount} />}
      <div className="row">
        <Button kind="primary" busy={busy} isDisabled={!agreed || (phase !== "on_sale" && !unknown)} onPress={() => void send(wish)}>
          {t(unknown ? "confirm.again" : "confirm.yes", { sum })}
        </Button>
        <Button isDisabled={busy || unknown} onPress={onBack}>{t("subscribe.back")}</Button>
        {phase !== "on_sale" && !unknown && <span className="dim" role="status">{t(`confirm.phase.${phase}`)}</span>}
      </div>
    </div>
  );
}

const BY_AMOUNT = new Set(["sold_out", "cap_reached", "insufficient_funds", "principal_unfit", "coupon_not_usable", "coupon_exhausted"]);

function Refused({ error, offer, preview, onAmount }: { error: unknown; offer: Offer; preview: Preview; onAmount: () => void }): ReactNode {
  const { t, amount } = useWords();
  const { data: balances = [] } = useBalances();
  const code = error instanceof Refusal ? error.code : "";
  const there = balances.find(({ asset }) => asset === offer.asset)?.available ?? "0";
  const lacks = code === "insufficient_funds" && lessThan(there, preview.principal);
  return (
    <div className="stack">
      <Failed error={error} />
      {lacks && <p className="down">{t("confirm.lacks", { sum: amount(sub(preview.principal, there), offer.asset), there: amount(there, offer.asset) })}</p>}
      {BY_AMOUNT.has(code) && <div><Button onPress={onAmount}>{t("confirm.other_amount")}</Button></div>}
      {code === "not_eligible" && <p><Link to="/identity">{t("confirm.identity")}</Link></p>}
      {code === "sale_not_open" && <p><Link to="/earn">{t("offers.back")}</Link></p>}
    </div>
  );
}
