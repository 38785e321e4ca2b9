// How much: checked while it is typed, against the offer, what is left of it, and what one has.

import { useEffect, useState, type ReactNode, type SyntheticEvent } from "react";
import { Link } from "react-router";
import { useBalances } from "@/faces/retail/wallet/balances";
import { Button } from "@/kit/Button";
import { AmountField } from "@/kit/fields";
import { Failed } from "@/kit/states";
import { Facts } from "@/kit/values";
import { compare, isZero, larger, mul, toGrid, total, type Decimal } from "@/money/decimal";
import { amountOf, earned, faultOf, mostOf, nextOf, partsOf, rateOf, type Limits } from "../model";
import { usePreview, type Offer, type Preview } from "../reads";
import { useWords } from "../words";
import { CouponChoice } from "./CouponChoice";

const SHARES = ["0.25", "0.5", "0.75", "1"] as const;
const PAUSE_MS = 250;

interface Props {
  offer: Offer;
  typed: string;
  onType: (typed: string) => void;
  coupon: string | null;
  onCoupon: (id: string | null) => void;
  onNext: () => void;
}

export function AmountStep({ offer, typed, onType, coupon, onCoupon, onNext }: Props): ReactNode {
  const { t, amount: sum, percent } = useWords();
  const { asset } = offer;
  const wanted = amountOf(typed);
  const { limits, preview, error } = useLimits(offer, wanted, coupon);
  const most = mostOf(limits);
  const fault = wanted === null ? null : faultOf(wanted, limits);
  const ready = wanted !== null && fault === null && error === null;
  const submit = (event: SyntheticEvent): void => { event.preventDefault(); if (ready) onNext(); };
  return (
    <form className="stack" onSubmit={submit}>
      <AmountField label={t("amount.label", { asset })} value={typed} onChange={onType} isRequired autoFocus
        error={fault === null ? undefined : t(`amount.fault.${fault.key}`, { of: sum(fault.of, asset) })} />
      <div className="row earn-shares">
        {SHARES.map((share) => (
          <Button key={share} isDisabled={isZero(most)} onPress={() => { onType(larger(toGrid(mul(most, share), offer.step), offer.minimum)); }}>
            {share === "1" ? t("amount.all") : percent(share)}
          </Button>
        ))}
        <span className="dim">{limits.available === null ? "" : t("amount.available", { sum: sum(limits.available, asset) })}</span>
      </div>
      {limits.capLeft !== null && <p className="dim">{t("amount.cap_left", { sum: sum(limits.capLeft, asset) })}</p>}
      {limits.available !== null && isZero(most) && <Nothing offer={offer} limits={limits} />}
      <CouponChoice offer={offer} chosen={coupon} onChoose={onCoupon} />
      {error !== null && <Failed error={error} />}
      {wanted !== null && error === null && fault?.key !== "minimum" && fault?.key !== "step" && <Estimate offer={offer} amount={wanted} preview={preview} />}
      <div><Button kind="primary" type="submit" isDisabled={!ready}>{t("amount.next")}</Button></div>
    </form>
  );
}

/** The plan is asked for once typing pauses; of the minimum until there is an amount, since it also tells how much more one may have. */
function useLimits(offer: Offer, wanted: Decimal | null, coupon: string | null): { limits: Limits; preview: Preview | undefined; error: unknown } {
  const { data: balances } = useBalances();
  const available = balances === undefined ? null : (balances.find(({ asset }) => asset === offer.asset)?.available ?? "0");
  const known = { minimum: offer.minimum, step: offer.step, quotaLeft: offer.quota_left, available };
  const fits = wanted !== null && faultOf(wanted, { ...known, quotaLeft: offer.quota, available: null, capLeft: null }) === null;
  const { data: preview, error } = usePreview(offer, useSettled(fits ? wanted : offer.minimum), fits ? coupon : null);
  return { limits: { ...known, capLeft: preview?.cap_left ?? null }, preview: fits ? preview : undefined, error };
}

function useSettled(value: Decimal): Decimal {
  const [settled, setSettled] = useState(value);
  useEffect(() => {
    const timer = setTimeout(() => { setSettled(value); }, PAUSE_MS);
    return () => { clearTimeout(timer); };
  }, [value]);
  return settled;
}

/** Why nothing can be bought at all, whatever is typed. */
function Nothing({ offer, limits }: { offer: Offer; limits: Limits }): ReactNode {
  const { t, amount } = useWords();
  const fault = faultOf(offer.minimum, limits);
  if (fault === null) return null;
  return (
    <p className="notice warn" role="status">
      {t(`amount.nothing.${fault.key}`, { least: amount(offer.minimum, offer.asset), of: amount(fault.of, offer.asset) })}
      {fault.key === "funds" && <Link to="/wallet">{t("amount.wallet")}</Link>}
    </p>
  );
}

/** What the rates mean for this amount; the sums come from the plan, once it is that of this amount. */
function Estimate({ offer, amount, preview }: { offer: Offer; amount: Decimal; preview: Preview | undefined }): ReactNode {
  const { t, amount: sum, percent } = useWords();
  const { asset } = offer;
  const parts = partsOf(amount, offer.tiers);
  const plan = preview !== undefined && compare(preview.principal, amount) === 0 ? preview : null;
  const first = plan === null ? undefined : nextOf(plan.rows);
  return (
    <div className="earn-estimate">
      <Facts rows={[
        [t("estimate.rate"), <span key="rate"><strong className="number">{percent(rateOf(amount, offer.tiers), 2)}</strong> APR</span>],
        ...(parts.length > 1 ? [[t("estimate.parts"), parts.map((part) => <div key={part.amount} className="number">{t("estimate.part", { sum: sum(part.amount, asset), rate: percent(part.apr) })}</div>)] as const] : []),
        [t("estimate.interest"), plan === null ? "…" : <strong key="interest" className="number up">{sum(plan.total_interest, asset)}</strong>],
        ...(plan === null || isZero(plan.total_bonus) ? [] : [[t("estimate.bonus"), <strong key="bonus" className="number up">{sum(plan.total_bonus, asset)}</strong>] as const]),
        [t("estimate.back"), plan === null ? "…" : t("estimate.back_on", { sum: sum(total([amount, plan.total_interest, plan.total_bonus]), asset), on: plan.maturity })],
        [t("estimate.first"), first === undefined ? "…" : t("estimate.first_on", { sum: sum(earned(first), asset), on: first.due_date })],
      ]} />
    </div>
  );
}
