// One withdrawal at an address of its own: how far it is, what that means, and how to stop it while it can be stopped.

import { useQueryClient } from "@tanstack/react-query";
import { useState, type ReactNode } from "react";
import { Link, useParams } from "react-router";
import { Button } from "@/kit/Button";
import { Confirm } from "@/kit/Dialog";
import { Panel } from "@/kit/Panel";
import { Loaded } from "@/kit/states";
import { Facts, Id, When } from "@/kit/values";
import { Address, ShortAddress } from "../Address";
import { Doors } from "../Doors";
import { isWord } from "../model";
import { Outside } from "../Outside";
import { cancel, TOUCHED, useWithdrawal } from "../reads";
import type { Withdrawal } from "../wire";
import { useWords } from "../words";
import { State } from "./State";
import { Steps } from "./Steps";
import "../funding.css";

export default function WithdrawalRoom(): ReactNode {
  const { t } = useWords();
  const { id = "" } = useParams();
  return (
    <div className="stack">
      <Doors />
      <p><Link to="/withdraw">← {t("withdraw.back")}</Link></p>
      <Loaded query={useWithdrawal(id)} lines={12}>{(one) => <Whole one={one} />}</Loaded>
    </div>
  );
}

function Whole({ one }: { one: Withdrawal }): ReactNode {
  const { t, amount } = useWords();
  return (
    <>
      <header className="funding-title">
        <div className="row"><h1>{t("withdrawal.title", { sum: amount(one.amount, one.asset) })}</h1><State of={one} /></div>
        <Meaning one={one} />
      </header>
      <Panel title={t("withdrawal.steps")}>
        <div className="stack">
          <Steps one={one} />
          {one.can_cancel && <Cancel one={one} />}
        </div>
      </Panel>
      <Panel title={t("withdrawal.details")}><Details one={one} /></Panel>
    </>
  );
}

/** Where it stands, in a sentence; and why, where it did not go as wished. */
function Meaning({ one }: { one: Withdrawal }): ReactNode {
  const { t } = useWords();
  const open = one.state === "unknown" || one.state === "manual";
  return (
    <>
      {one.internal && <p>{t("withdrawal.internal")}</p>}
      <p>{t(open ? `withdrawal.means.${one.state}` : `withdrawal.means.${one.status}`)}</p>
      {one.cancelling && <p role="status">{t("withdrawal.cancelling")}</p>}
      {one.reason !== null && <Why reason={one.reason} />}
    </>
  );
}

function Why({ reason }: { reason: string }): ReactNode {
  const { t } = useWords();
  const other = t("withdrawal.why.other", { reason });
  return <p>{isWord(reason) ? t(`withdrawal.why.${reason}`, { defaultValue: other }) : other}</p>;
}

function Details({ one }: { one: Withdrawal }): ReactNode {
  const { t, amount, network } = useWords();
  return (
    <Facts rows={[
      [t("col.to"), <span key="to"><strong>{one.label}</strong><br /><Address of={one.address} /></span>],
      ...(one.memo === null ? [] : [[t("book.memo"), <Address key="memo" of={one.memo} />] as const]),
      [t("choice.network"), network(one.network)],
      [t("review.arrives"), <strong key="arrives" className="number">{amount(one.amount, one.asset)}</strong>],
      [t("withdraw.fee"), <span key="fee" className="number">{amount(one.fee, one.asset)}</span>],
      [t("review.taken"), <span key="taken" className="number">{amount(one.total, one.asset)}</span>],
      ...(one.txid === null ? [] : [[t("col.transaction"), <span key="txid"><ShortAddress of={one.txid} />{one.explorer_url !== null && <> <Outside to={one.explorer_url}>{t("explorer")}</Outside></>}</span>] as const]),
      [t("withdrawal.changed"), <When key="changed" at={one.updated_at} />],
      [t("withdrawal.id"), <Id key="id" value={one.id} />],
    ]} />
  );
}

function Cancel({ one }: { one: Withdrawal }): ReactNode {
  const { t, amount } = useWords();
  const client = useQueryClient();
  const [asked, setAsked] = useState(false);
  const act = async (): Promise<void> => {
    try {
      await cancel(one.id);
    } finally {
      await Promise.all(TOUCHED.map((key) => client.invalidateQueries({ queryKey: [key] })));
    }
  };
  return (
    <div className="stack">
      <p className="dim">{t("withdrawal.cancel_while")}</p>
      <div><Button kind="danger" onPress={() => { setAsked(true); }}>{t("withdrawal.cancel")}</Button></div>
      <Confirm title={t("withdrawal.cancel")} isOpen={asked} onClose={() => { setAsked(false); }} act={act} verb={t("withdrawal.cancel")} danger>
        <p>{t("withdrawal.cancel_ask", { sum: amount(one.total, one.asset) })}</p>
      </Confirm>
    </div>
  );
}
