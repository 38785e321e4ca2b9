// One transfer: what is moved, how far it is, what both venues say, and how to take it back while that can be done.

import { useState, type ReactNode } from "react";
import { useTranslation } from "react-i18next";
import { Link } from "react-router";
import { api, ask } from "@/api/client";
import { once } from "@/api/intent";
import { Address } from "@/faces/funding/Address";
import { Person } from "@/faces/staff/approvals/words";
import { Button } from "@/kit/Button";
import { Confirm } from "@/kit/Dialog";
import { Panel } from "@/kit/Panel";
import { Loaded } from "@/kit/states";
import { useToasts } from "@/kit/toasts";
import { Amount, Facts, When } from "@/kit/values";
import { formatExact } from "@/money/format";
import { useSession } from "@/session/session";
import { useSettings } from "@/settings/settings";
import { Frame } from "../Frame";
import { Transaction, Waits } from "../money/parts";
import { useLookAgain, useNetworkName } from "../money/reads";
import { placeName } from "../place";
import { Decide } from "./Decide";
import { stepsOf } from "./model";
import { useTransfer, type Transfer } from "./reads";
import { Settle } from "./Settle";
import { State } from "./words";

export function One({ id }: { id: string }): ReactNode {
  const { t } = useTranslation("treasury_moves");
  const { t: rooms } = useTranslation("treasury");
  const { language } = useSettings().settings;
  const query = useTransfer(id);
  const { data: one } = query;
  const title = one === undefined ? rooms("room.transfers")
    : t("one.title", { amount: formatExact(one.amount, language), asset: one.asset, from: placeName(one.from), to: placeName(one.to) });
  return (
    <Frame title={title}>
      <p><Link to="/treasury/transfers">← {t("one.back")}</Link></p>
      <Loaded query={query} lines={12}>
        {(found) => (
          <div className="grid">
            <Panel title={t("one.what")}><What one={found} /></Panel>
            <Panel title={t("one.now")}><div className="stack"><Now one={found} /></div></Panel>
          </div>
        )}
      </Loaded>
    </Frame>
  );
}

function What({ one }: { one: Transfer }): ReactNode {
  const { t } = useTranslation("treasury_moves");
  const network = useNetworkName();
  const sum = (value: string | null): ReactNode => <Amount value={value} {...(value === null ? {} : { asset: one.asset })} />;
  return (
    <Facts rows={[
      [t("col.from"), placeName(one.from)],
      [t("col.to"), placeName(one.to)],
      [t("col.network"), network(one.network)],
      [t("col.amount"), <strong key="amount">{sum(one.amount)}</strong>],
      [t("col.fee"), sum(one.fee)],
      [t("col.address"), <Address key="address" of={one.address} />],
      ...(one.memo === null ? [] : [[t("col.memo"), <Address key="memo" of={one.memo} />] as const]),
      [t("col.minutes"), t("col.minutes_n", { n: one.minutes })],
      [t("col.left"), sum(one.left)],
      [t("col.left_fee"), sum(one.left_fee)],
      [t("col.arrived"), sum(one.arrived)],
      [t("col.transaction"), <Transaction key="txid" txid={one.txid} network={one.network} whole />],
      [t("col.venue_ref"), one.venue_ref === null ? <span key="ref" className="dim">–</span> : <code key="ref">{one.venue_ref}</code>],
      [t("col.by"), <Person key="by" id={one.created_by} name={null} />],
      [t("col.approved_by"), <Person key="approved" id={one.approved_by} name={null} />],
      ...(one.received === null ? [] : [
        [t("settle.received"), sum(one.received)] as const,
        [t("settle.reason"), one.settle_reason ?? ""] as const,
        [t("settle.by"), <Person key="settle_by" id={one.settle_asked_by} name={null} />] as const,
        [t("settle.agreed_by"), <Person key="settled_by" id={one.settled_by} name={null} />] as const,
      ]),
    ]} />
  );
}

function Now({ one }: { one: Transfer }): ReactNode {
  const { t } = useTranslation("treasury_moves");
  const { may } = useSession();
  const steps = stepsOf(one);
  return (
    <>
      <State of={one} />
      <p>{t(one.state === "unknown" && one.from.startsWith("wallet:") ? "means.unknown_wallet" : `means.${one.state}`)}</p>
      {one.late_at !== null && <p className="notice warn">{t("late_since")} <When at={one.late_at} /></p>}
      {one.reason !== null && <p>{t("col.reason")}: {t(`code.${one.reason}`, { defaultValue: one.reason, minimum: "", scale: "" })}</p>}
      <ol className="funding-steps">
        {steps.map(({ name, at }) => <li key={name} data-standing="done"><span>{t(`step.${name}`)}</span><span className="dim"><When at={at} /></span></li>)}
      </ol>
      {one.state === "draft" && one.approval_id !== null && <Waits approval={one.approval_id} />}
      {may("treasury:write") && <Cancel one={one} />}
      <Settle one={one} may={may("treasury:write")} />
      <Decide one={one} may={may("treasury:write")} />
    </>
  );
}

/** The dialog outlives the chance: where it was sent meanwhile, it says so. */
function Cancel({ one }: { one: Transfer }): ReactNode {
  const { t } = useTranslation("treasury_moves");
  const { tell } = useToasts();
  const lookAgain = useLookAgain();
  const [open, setOpen] = useState(false);
  const act = async (): Promise<void> => {
    try {
      await once("treasury-transfer-cancel", one.id, (header) => ask(api.DELETE("/v1/treasury/transfers/{id}", { params: { path: { id: one.id }, header } })));
      tell(t("one.cancelled"), "good");
    } finally {
      lookAgain();
    }
  };
  return (
    <>
      {one.can_cancel && <div><Button kind="danger" onPress={() => { setOpen(true); }}>{t("one.cancel")}</Button></div>}
      <Confirm title={t("one.cancel")} isOpen={open} onClose={() => { setOpen(false); }} act={act} verb={t("one.cancel")} danger><p>{t("one.cancel_will")}</p></Confirm>
    </>
  );
}
