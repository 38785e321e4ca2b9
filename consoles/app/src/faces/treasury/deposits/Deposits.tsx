// What arrived and is not simply its customer's: held, without an owner, taken back by the chain, or too small.

import { useState, type ReactNode } from "react";
import { useTranslation } from "react-i18next";
import { Link } from "react-router";
import { ShortAddress } from "@/faces/funding/Address";
import { Paged } from "@/faces/retail/pages";
import { Button } from "@/kit/Button";
import { Empty } from "@/kit/states";
import { Table, type Column } from "@/kit/Table";
import { Tabs } from "@/kit/Tabs";
import { Amount, When } from "@/kit/values";
import { Frame } from "../Frame";
import { CustomerId, Transaction } from "../money/parts";
import { useAsked, useDeposits, useNetworkName, type Deposit } from "../money/reads";
import { Decide, deedOf, type Deed } from "./Decide";
import { SendBack } from "./SendBack";

const KINDS = ["held", "suspense", "refunding", "reversed", "below_minimum"] as const;
type Kind = (typeof KINDS)[number];

export default function Deposits(): ReactNode {
  const { t } = useTranslation("treasury");
  const { t: own } = useTranslation("treasury_wallet");
  return (
    <Frame title={t("room.deposits")} note={own("deposit.intro")}>
      <Tabs label={own("deposit.kinds")} tabs={KINDS.map((kind) => ({ id: kind, title: own(`deposit.list.${kind}`), body: () => <List kind={kind} /> }))} />
    </Frame>
  );
}

function List({ kind }: { kind: Kind }): ReactNode {
  const { t } = useTranslation("treasury_wallet");
  const [chosen, setChosen] = useState<{ deed: Deed; one: Deposit } | null>(null);
  const columns = useColumns(kind, (one, deed) => { setChosen({ deed, one }); });
  const close = (): void => { setChosen(null); };
  return (
    <div className="stack deeds-last">
      <p className="dim">{t(`deposit.note.${kind}`)}</p>
      <Paged query={useDeposits(kind)} empty={<Empty title={t(`deposit.none.${kind}`)} />}>
        {(rows) => <Table name={t(`deposit.list.${kind}`)} rows={rows} rowKey={(one) => one.id} columns={columns} file={`deposits-${kind}`} />}
      </Paged>
      {chosen !== null && (chosen.deed === "refund" ? <SendBack one={chosen.one} onClose={close} /> : <Decide deed={chosen.deed} one={chosen.one} onClose={close} />)}
    </div>
  );
}

type Choose = (one: Deposit, deed: Deed) => void;

function useColumns(kind: Kind, choose: Choose): Column<Deposit>[] {
  const { t } = useTranslation("treasury_wallet");
  const network = useNetworkName();
  const waiting = useAsked(kind === "suspense" ? "wallet.suspense" : "wallet.deposit_release");
  const goingBack = useAsked("wallet.deposit_refund");
  const all: Column<Deposit>[] = [
    { key: "seen", title: t("col.seen"), csv: (one) => one.seen_at, cell: (one) => <When at={one.seen_at} /> },
    { key: "amount", title: t("col.amount"), end: true, csv: (one) => `${one.amount} ${one.asset}`, cell: (one) => <Amount value={one.amount} asset={one.asset} /> },
    { key: "missing", title: t("col.missing"), end: true, csv: (one) => one.missing, cell: (one) => <Amount value={one.missing} asset={one.asset} /> },
    { key: "customer", title: t("col.customer"), csv: (one) => one.customer_id, cell: (one) => <CustomerId id={one.customer_id} /> },
    { key: "why", title: t("col.reason"), wrap: true, csv: (one) => one.reason, cell: (one) => <Why one={one} /> },
    { key: "network", title: t("col.network"), csv: (one) => one.network, cell: (one) => network(one.network) },
    { key: "address", title: t("col.address"), csv: (one) => one.address, cell: (one) => <ShortAddress of={one.address} /> },
    { key: "memo", title: t("col.memo"), csv: (one) => one.memo, cell: (one) => (one.memo === null ? <span className="dim">–</span> : <code>{one.memo}</code>) },
    { key: "txid", title: t("col.transaction"), csv: (one) => `${one.txid}:${String(one.output)}`, cell: (one) => <Transaction txid={one.txid} network={one.network} /> },
    { key: "confirmations", title: t("col.confirmations"), end: true, csv: (one) => String(one.confirmations), cell: (one) => `${String(one.confirmations)}/${String(one.confirmations_to_final)}` },
    { key: "act", title: t("col.act"), cell: (one) => <Act one={one} approval={(waiting.get(one.id) ?? goingBack.get(one.id))?.id} choose={choose} /> },
  ];
  return all.filter(({ key }) => {
    if (key === "missing") return kind === "reversed";
    if (key === "customer") return kind !== "suspense";
    return key !== "act" || (kind !== "below_minimum" && kind !== "refunding");
  });
}

function Why({ one: { reason, refund_refused: refused } }: { one: Deposit }): ReactNode {
  const { t } = useTranslation("treasury_wallet");
  const said = (code: string): string => t(`deposit.why.${code}`, { defaultValue: code });
  return (
    <>
      {reason === null ? <span className="dim">–</span> : said(reason)}
      {refused != null && <p className="dim">{t("deposit.refund_refused", { why: said(refused) })}</p>}
    </>
  );
}

/** What fits the deposit; while something waits for a second person one looks there. */
function Act({ one, approval, choose }: { one: Deposit; approval: string | undefined; choose: Choose }): ReactNode {
  const { t } = useTranslation("treasury_wallet");
  const deed = deedOf(one);
  if (approval !== undefined) return <Link to={`/approvals/${approval}`}>{t("deposit.waits")}</Link>;
  if (deed === null) return <span className="dim">–</span>;
  const left = one.confirmations_to_final - one.confirmations;
  if (deed !== "reopen" && left > 0) return <span className="dim">{t("deposit.not_final", { left })}</span>;
  const deeds: Deed[] = deed === "release" ? ["release", "refund"] : [deed];
  return (
    <div className="row">
      {deeds.map((each) => <Button key={each} aria-label={t(`deposit.${each}_of`, { sum: `${one.amount} ${one.asset}` })} onPress={() => { choose(one, each); }}>{t(`deposit.${each}`)}</Button>)}
    </div>
  );
}
