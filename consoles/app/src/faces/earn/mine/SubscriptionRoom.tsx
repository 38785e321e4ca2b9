// One subscription at an address of its own: what it earns, what was paid and will be, and how to end it early, or how it ended.

import { useState, type ReactNode } from "react";
import { Link, useParams } from "react-router";
import { Button } from "@/kit/Button";
import { Panel } from "@/kit/Panel";
import { Loaded } from "@/kit/states";
import { Facts, When } from "@/kit/values";
import { add, sub } from "@/money/decimal";
import { useSession } from "@/session/session";
import { bonusOf, earnedOf } from "../model";
import { Plan } from "../Plan";
import { useSubscription, type Subscription } from "../reads";
import { useWords } from "../words";
import { Maturity } from "./Maturity";
import { RedeemDialog } from "./RedeemDialog";
import { State } from "./State";
import { useNextPayout, wholeOf } from "./Summary";
import "../earn.css";

export default function SubscriptionRoom(): ReactNode {
  const { t } = useWords();
  const { may } = useSession();
  const { id = "" } = useParams();
  return (
    <div className="stack">
      {may("subscriptions:write") && <p><Link to="/earn">← {t("offers.back")}</Link></p>}
      <Loaded query={useSubscription(id)} lines={12}>{(one) => <Whole one={one} />}</Loaded>
    </div>
  );
}

function Whole({ one }: { one: Subscription }): ReactNode {
  const { t, early } = useWords();
  const { may } = useSession();
  const [ending, setEnding] = useState(false);
  const mine = one.status === "active" && may("subscriptions:write");
  return (
    <>
      <header className="earn-title">
        <div className="row"><h1>{one.name}</h1><span className="earn-asset">{one.asset}</span><State of={one} /></div>
        <Meaning one={one} />
      </header>
      <div className="earn-split">
        <Panel title={t("one.standing")}><Standing one={one} /></Panel>
        <div className="stack">
          {(one.status === "active" || one.renewed_from !== null || one.renewed_into !== null || one.renewal_refused !== null) && (
            <Panel title={t("renewal.title")}><Maturity one={one} mine={mine} /></Panel>
          )}
          {mine && (
            <Panel title={t("redeem.title")}>
              <div className="stack">
                <p>{early(one)}</p>
                <div><Button onPress={() => { setEnding(true); }}>{t("redeem.ask")}</Button></div>
              </div>
            </Panel>
          )}
        </div>
      </div>
      <Panel title={t("plan.title", { asset: one.asset })}><Plan rows={one.plan} asset={one.asset} /></Panel>
      {ending && <RedeemDialog one={one} onClose={() => { setEnding(false); }} />}
    </>
  );
}

/** Where it stands, in a sentence. */
function Meaning({ one }: { one: Subscription }): ReactNode {
  const { t, amount } = useWords();
  const day = one.ended_at?.slice(0, 10) ?? "";
  if (one.status === "active") return <p>{t("means.active", { whole: amount(wholeOf(one), one.asset), on: one.maturity })}</p>;
  const interest = amount(earnedOf(one.plan, "paid"), one.asset);
  if (one.status === "paid_out") return <p>{t("means.paid_out", { principal: amount(one.principal, one.asset), interest, on: day })}</p>;
  if (one.status === "renewed") return <p>{t("means.renewed", { interest, on: day })}</p>;
  const back = sub(add(one.principal, one.accrued ?? "0"), takenOff(one));
  return <p>{t("means.redeemed_early", { back: amount(back, one.asset), interest, on: day })}</p>;
}

/** What an early end took back; where it takes interest back, a coupon's bonus goes with it. */
const takenOff = (one: Subscription): string => (
  add(one.clawed_back ?? "0", one.early === "CLAWBACK_PAID" ? bonusOf(one.plan.filter(({ status }) => status === "paid")) : "0")
);

function Standing({ one }: { one: Subscription }): ReactNode {
  const { t, amount, percent } = useWords();
  const { asset } = one;
  const ended = one.ended_at !== null;
  const next = useNextPayout()(one);
  return (
    <Facts rows={[
      [t("col.principal"), <strong key="principal" className="number">{amount(one.principal, asset)}</strong>],
      [t("estimate.rate"), `${percent(one.apr, 2)} APR`],
      [t("col.paid"), <span key="paid" className="number">{amount(earnedOf(one.plan, "paid"), asset)}</span>],
      ...(ended ? [] : [
        [t("col.to_come"), <span key="come" className="number">{amount(earnedOf(one.plan, "pending"), asset)}</span>] as const,
        [t("col.next"), next ?? "–"] as const,
      ]),
      ...(one.status === "redeemed_early" ? [
        [t("one.accrued"), amount(one.accrued ?? "0", asset)] as const,
        [t("one.clawed_back"), amount(takenOff(one), asset)] as const,
      ] : []),
      ...(one.coupon === null ? [] : [[t("one.coupon"), t("one.coupon_of", { name: one.coupon.name, rate: percent(one.coupon.apr_boost), sum: amount(bonusOf(one.plan), asset) })] as const]),
      [t("term.payout"), t(`payout.${one.payout_period}`)],
      [t("term.begins"), t("term.begins_on", { on: one.value_date })],
      [t("term.maturity"), t("term.maturity_on", { on: one.maturity })],
      [t("one.bought"), <When key="bought" at={one.created_at} />],
      ...(ended ? [[t("one.ended"), <When key="ended" at={one.ended_at} />] as const] : []),
    ]} />
  );
}
