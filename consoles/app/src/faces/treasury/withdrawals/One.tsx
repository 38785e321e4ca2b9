// One withdrawal with all that a reviewer needs: what leaves, to whom and where, how well that is known, and what this customer did before.

import type { ReactNode } from "react";
import { useTranslation } from "react-i18next";
import { Link } from "react-router";
import { Address } from "@/faces/funding/Address";
import { formatDuration } from "@/kit/age";
import { Panel } from "@/kit/Panel";
import { Loaded } from "@/kit/states";
import { Amount, Facts, When } from "@/kit/values";
import { formatExact } from "@/money/format";
import { useSettings } from "@/settings/settings";
import { secondsSince } from "@/time/format";
import { Frame } from "../Frame";
import { Customer, Transaction } from "../money/parts";
import { useNetworkName, useWithdrawal, type Withdrawal } from "../money/reads";
import { Decide } from "./Decide";
import { History } from "./List";
import { Manual } from "./Manual";
import { Reasons, State } from "./words";

export function One({ id }: { id: string }): ReactNode {
  const { t } = useTranslation("treasury_wallet");
  const { t: rooms } = useTranslation("treasury");
  const { language } = useSettings().settings;
  const query = useWithdrawal(id);
  const title = query.data === undefined ? rooms("room.withdrawals") : t("withdrawal.title", { sum: `${formatExact(query.data.amount, language)} ${query.data.asset}` });
  return (
    <Frame title={title}>
      <p><Link to="/treasury/withdrawals">← {t("withdrawal.back")}</Link></p>
      <Loaded query={query} lines={12}>
        {(one) => (
          <>
            <div className="grid">
              <Panel title={t("withdrawal.what")}><What one={one} /></Panel>
              <Panel title={t("withdrawal.now")}><div className="stack"><Now one={one} /><Decide one={one} /></div></Panel>
            </div>
            <Manual one={one} />
            {one.review != null && <History of={{ customer: one.review.customer_id, but: one.id }} />}
          </>
        )}
      </Loaded>
    </Frame>
  );
}

function What({ one }: { one: Withdrawal }): ReactNode {
  const { t } = useTranslation("treasury_wallet");
  const network = useNetworkName();
  const { review } = one;
  return (
    <Facts rows={[
      [t("col.amount"), <strong key="amount"><Amount value={one.amount} asset={one.asset} /></strong>],
      [t("col.fee"), <Amount key="fee" value={one.fee} asset={one.asset} />],
      [t("col.total"), <Amount key="total" value={one.total} asset={one.asset} />],
      ...(review == null ? [] : [
        [t("col.value"), <Amount key="value" value={review.value} />] as const,
        [t("col.customer"), <Customer key="customer" id={review.customer_id} />] as const,
      ]),
      [t("col.network"), network(one.network)],
      [t("col.to"), <Address key="to" of={one.address} />],
      ...(one.memo === null ? [] : [[t("col.memo"), <Address key="memo" of={one.memo} />] as const]),
      [t("col.label"), one.label],
      ...(review == null ? [] : [
        [t("col.since"), <When key="since" at={review.address_since} />] as const,
        [t("col.age"), <AgeThen key="age" since={review.address_since} at={one.created_at} />] as const,
        [t("col.why"), <Reasons key="why" of={review.reasons} />] as const,
      ]),
      [t("col.transaction"), <Transaction key="txid" txid={one.txid} network={one.network} whole />],
      [t("col.at"), <When key="at" at={one.created_at} />],
      [t("col.id"), <code key="id">{one.id}</code>],
    ]} />
  );
}

/** Both moments are of business time: what a clock on the wall shows does not matter. */
function AgeThen({ since, at }: { since: string; at: string }): ReactNode {
  const { language } = useSettings().settings;
  return <span className="number">{formatDuration(secondsSince(since, Date.parse(at)), language)}</span>;
}

const EXPLAINED = new Set(["review", "unknown", "manual"]);

function Now({ one }: { one: Withdrawal }): ReactNode {
  const { t } = useTranslation("treasury_wallet");
  const reason = one.reason ?? "";
  return (
    <>
      <div><State of={one} /></div>
      {EXPLAINED.has(one.state) && <p>{t(`withdrawal.means.${one.state}`)}</p>}
      {one.internal && <p>{t("withdrawal.internal")}</p>}
      {one.cancelling && <p role="status">{t("withdrawal.cancelling")}</p>}
      {reason !== "" && <p>{t("col.reason")}: {t(`why.${reason.replaceAll(/[.:]/g, "_")}`, { defaultValue: reason })}</p>}
      {one.state !== "manual" && one.review?.contradiction != null && <p className="notice bad">{t("col.contradiction")}: <code>{one.review.contradiction}</code></p>}
      <Steps one={one} />
    </>
  );
}

function Steps({ one }: { one: Withdrawal }): ReactNode {
  const { t } = useTranslation("treasury_wallet");
  const last = one.steps.length - 1;
  const ended = one.state === "final" || one.state === "rejected" || one.state === "cancelled" || one.state === "failed" || one.state === "not_placed";
  return (
    <ol className="funding-steps" aria-label={t("withdrawal.steps")}>
      {one.steps.map(({ name, at }, index) => {
        const now = index === last && !ended;
        return (
          <li key={name} data-standing={now ? "now" : index === last && one.state !== "final" ? "stopped" : "done"} aria-current={now ? "step" : undefined}>
            <span>{t(`withdrawal.state.${name}`)}{name === "confirming" && now && <> <span className="number">{t("withdrawal.confirmations", { n: one.confirmations })}</span></>}</span>
            <span className="dim"><When at={at} /></span>
          </li>
        );
      })}
    </ol>
  );
}
