// From an amount to a subscription: how much, what it becomes, yes. The offer is held as it was seen; where the house offers something
// else by now, that is said, and nothing is bought before one has agreed to it.

import { useEffect, useRef, useState, type ReactNode } from "react";
import { Link } from "react-router";
import { Loaded } from "@/kit/states";
import { compare, type Decimal } from "@/money/decimal";
import { amountOf, type Phase } from "../model";
import { usePreview, type Offer, type Preview, type Renewal } from "../reads";
import { useWords } from "../words";
import { AmountStep } from "./AmountStep";
import { Changed } from "./Changed";
import { ConfirmStep } from "./ConfirmStep";
import { PlanStep } from "./PlanStep";
import { useSubscribing } from "./subscribing";

const STEPS = ["amount", "plan", "confirm"] as const;
type Step = (typeof STEPS)[number];

export function Subscribe({ offer: live, phase }: { offer: Offer; phase: Phase }): ReactNode {
  const [seen, setSeen] = useState(live);
  const [typed, setTyped] = useState("");
  const [coupon, setCoupon] = useState<string | null>(null);
  const [renewal, setRenewal] = useState<Renewal | null>(null);
  const [step, setStep] = useState<Step>("amount");
  const subscribing = useSubscribing();
  const { unknown } = subscribing;
  const title = useFocused(step);
  const go = (to: Step): void => { subscribing.forget(); setStep(to); };
  const agree = (): void => { setSeen(live); go(step === "amount" ? "amount" : "plan"); };
  const { t } = useWords();
  const amount = amountOf(typed);
  if (!unknown && (live.version !== seen.version || compare(live.apr, seen.apr) !== 0)) return <Changed before={seen} after={live} onAgree={agree} />;
  if (!unknown && phase === "closed") return <p className="notice">{t("subscribe.closed")} <Link to="/earn">{t("offers.back")}</Link></p>;
  const offer = unknown ? seen : { ...seen, quota_left: live.quota_left };
  const wanted = offer.renewals.find((one) => one === renewal) ?? offer.renewals[0] ?? "pay_out";
  return (
    <div className="stack">
      <ol className="earn-steps">
        {STEPS.map((one, at) => <li key={one} aria-current={one === step ? "step" : undefined} data-done={STEPS.indexOf(step) > at}>{t(`subscribe.step.${one}`)}</li>)}
      </ol>
      <h3 ref={title} tabIndex={-1}>{t(`subscribe.head.${step}`)}</h3>
      {step === "amount" && <AmountStep offer={offer} typed={typed} onType={setTyped} coupon={coupon} onCoupon={setCoupon} onNext={() => { go("plan"); }} />}
      {step === "plan" && amount !== null && (
        <WithPlan offer={offer} amount={amount} coupon={coupon}>{(preview) => <PlanStep preview={preview} onBack={() => { go("amount"); }} onNext={() => { go("confirm"); }} />}</WithPlan>
      )}
      {step === "confirm" && amount !== null && (
        <WithPlan offer={offer} amount={amount} coupon={coupon}>
          {(preview) => <ConfirmStep offer={offer} preview={preview} coupon={coupon} renewal={wanted} onRenewal={setRenewal} phase={phase} subscribing={subscribing} onAmount={() => { go("amount"); }} onBack={() => { go("plan"); }} />}
        </WithPlan>
      )}
    </div>
  );
}

function WithPlan({ offer, amount, coupon, children }: { offer: Offer; amount: Decimal; coupon: string | null; children: (preview: Preview) => ReactNode }): ReactNode {
  return <Loaded query={usePreview(offer, amount, coupon)} lines={6}>{children}</Loaded>;
}

/** The heading of a step takes the focus when one comes to it, so that a reader begins there; not on the first one. */
function useFocused(step: Step): React.RefObject<HTMLHeadingElement | null> {
  const heading = useRef<HTMLHeadingElement>(null);
  const before = useRef(step);
  useEffect(() => {
    if (before.current !== step) heading.current?.focus();
    before.current = step;
  }, [step]);
  return heading;
}
