// One cold spend: what was asked for, and what the bytes say that holders sign. What they say stands large; the bytes themselves below.

import { useState, type ReactNode } from "react";
import { useTranslation } from "react-i18next";
import { Link } from "react-router";
import { api, ask } from "@/api/client";
import { once } from "@/api/intent";
import { Address } from "@/faces/funding/Address";
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
import { Drafted } from "./Drafted";
import { useColdSpend } from "./reads";
import { Signing } from "./Signing";
import { State } from "./State";
import type { ColdDetail } from "./wire";

export function One({ id }: { id: string }): ReactNode {
  const { t } = useTranslation("treasury_cold");
  const { t: rooms } = useTranslation("treasury");
  const { language } = useSettings().settings;
  const query = useColdSpend(id);
  const { data } = query;
  return (
    <Frame title={data === undefined ? rooms("room.cold") : t("title", { sum: `${formatExact(data.amount, language)} ${data.asset}` })}>
      <p><Link to="/treasury/cold">← {t("back")}</Link></p>
      <Loaded query={query} lines={12}>
        {(one) => (
          <>
            <Panel title={t("copy.what")}><div className="stack"><What one={one} /></div></Panel>
            {one.draft !== null && (
              <>
                <Panel title={t("draft.title")}><Drafted draft={one.draft} asset={one.asset} /></Panel>
                {one.state === "drafted" && <Panel title={t("draft.raw")}><Signing one={one} draft={one.draft} /></Panel>}
              </>
            )}
          </>
        )}
      </Loaded>
    </Frame>
  );
}

function What({ one }: { one: ColdDetail }): ReactNode {
  const { t } = useTranslation("treasury_cold");
  const { may } = useSession();
  const network = useNetworkName();
  return (
    <>
      <div><State of={one.state} /></div>
      <p>{t(`means.${one.state}`)}</p>
      {one.reason !== null && <p>{t("col.reason")}: <code>{one.reason}</code></p>}
      {one.state === "waiting_approval" && one.approval_id !== null && <Waits approval={one.approval_id} />}
      <Facts rows={[
        [t("col.amount"), <strong key="amount"><Amount value={one.amount} asset={one.asset} /></strong>],
        [t("col.network"), network(one.network)],
        [t("col.to"), <span key="to">{t("form.hot")}{one.address !== null && <><br /><Address of={one.address} /></>}</span>],
        [t("col.fee_cap"), <Amount key="fee" value={one.fee_cap} />],
        [t("col.at"), <When key="at" at={one.created_at} />],
        ...(one.txid === null ? [] : [
          [t("col.transaction"), <Transaction key="txid" txid={one.txid} network={one.network} whole />] as const,
          [t("col.confirmations"), String(one.confirmations)] as const,
        ]),
        [t("col.number"), <code key="id">{one.id}</code>],
      ]} />
      {may("treasury:write") && <Cancel one={one} />}
    </>
  );
}

/** The dialog outlives the chance: where it was signed meanwhile, it says so. */
function Cancel({ one: { id, can_cancel: can } }: { one: ColdDetail }): ReactNode {
  const { t } = useTranslation("treasury_cold");
  const { tell } = useToasts();
  const lookAgain = useLookAgain();
  const [open, setOpen] = useState(false);
  const act = async (): Promise<void> => {
    try {
      await once("cold-cancel", id, (header) => ask(api.DELETE("/v1/treasury/cold-spends/{id}", { params: { path: { id }, header } })));
      tell(t("cancelled"), "good");
    } finally {
      lookAgain();
    }
  };
  return (
    <>
      {can && <div><Button kind="danger" onPress={() => { setOpen(true); }}>{t("cancel")}</Button></div>}
      <Confirm title={t("cancel")} isOpen={open} onClose={() => { setOpen(false); }} act={act} verb={t("cancel")} danger><p>{t("cancel_will")}</p></Confirm>
    </>
  );
}
