// What has come and is coming, each with what its status means for its owner.

import type { ReactNode } from "react";
import { Paged } from "@/faces/retail/pages";
import { Empty } from "@/kit/states";
import { Table } from "@/kit/Table";
import { Amount, Pill, When } from "@/kit/values";
import { ShortAddress } from "../Address";
import { explorerLink, isWord, progressOf } from "../model";
import { Outside } from "../Outside";
import { useDeposits } from "../reads";
import type { Deposit, Network } from "../wire";
import { DEPOSIT_TONES, useWords } from "../words";

export function DepositList({ networks }: { networks: readonly Network[] }): ReactNode {
  const { t, network } = useWords();
  return (
    <Paged query={useDeposits()} empty={<Empty title={t("deposit.none")} />}>
      {(rows) => <Table name={t("deposit.list")} rows={rows} rowKey={(one) => one.id} file="deposits" columns={[
        { key: "amount", title: t("col.amount"), end: true, cell: (one) => <Amount value={one.amount} asset={one.asset} />, csv: (one) => `${one.amount} ${one.asset}` },
        { key: "status", title: t("col.status"), cell: (one) => <Pill tone={DEPOSIT_TONES[one.status]}>{t(`deposit.status.${one.status}`)}</Pill>, csv: (one) => one.status },
        { key: "means", title: t("col.means"), wrap: true, cell: (one) => <Meaning one={one} /> },
        { key: "seen", title: t("col.seen"), cell: (one) => <When at={one.seen_at} />, csv: (one) => one.seen_at },
        { key: "network", title: t("col.network"), cell: (one) => network(one.network), csv: (one) => one.network },
        { key: "txid", title: t("col.transaction"), cell: (one) => <Transaction one={one} networks={networks} />, csv: (one) => one.txid },
      ]} />}
    </Paged>
  );
}

function Meaning({ one }: { one: Deposit }): ReactNode {
  const { t, amount } = useWords();
  const progress = progressOf(one);
  return (
    <>
      {progress !== null && (
        <div className="funding-progress">
          <progress value={progress.n} max={progress.of} aria-label={t("deposit.progress", { ...progress })} />
          <span className="number">{progress.n}/{progress.of}</span>
        </div>
      )}
      {t(`deposit.means.${one.status}`, { left: progress?.left ?? 0, of: progress?.of ?? 0, credit: one.confirmations_to_credit, sum: amount(one.amount, one.asset) })}
      {one.reason !== null && one.reason !== one.status && <> {t(isWord(one.reason) ? `deposit.why.${one.reason}` : "deposit.why.other", { reason: one.reason, defaultValue: t("deposit.why.other", { reason: one.reason }) })}</>}
    </>
  );
}

function Transaction({ one, networks }: { one: Deposit; networks: readonly Network[] }): ReactNode {
  const { t } = useWords();
  const explorer = networks.find(({ network }) => network === one.network)?.explorer;
  const shown = (txid: string): ReactNode => {
    const link = explorerLink(explorer, txid);
    return <><ShortAddress of={txid} />{link !== null && <> <Outside to={link}>{t("explorer")}</Outside></>}</>;
  };
  return <>{shown(one.txid)}{one.refund_txid != null && <p>{t("deposit.refunded_by")} {shown(one.refund_txid)}</p>}</>;
}
