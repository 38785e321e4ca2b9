import type { ReactNode } from "react";
import { Link } from "react-router";
import { Paged } from "@/faces/retail/pages";
import { Empty } from "@/kit/states";
import { Table } from "@/kit/Table";
import { Amount, When } from "@/kit/values";
import { ShortAddress } from "../Address";
import { useWithdrawals } from "../reads";
import { useWords } from "../words";
import { State } from "./State";

export function WithdrawalList(): ReactNode {
  const { t, amount, network } = useWords();
  return (
    <Paged query={useWithdrawals()} empty={<Empty title={t("withdraw.none")} />}>
      {(rows) => <Table name={t("withdraw.list")} rows={rows} rowKey={(one) => one.id} file="withdrawals" columns={[
        { key: "amount", title: t("review.arrives"), end: true, csv: (one) => `${one.amount} ${one.asset}`, cell: (one) => (
          <Link to={`/withdrawals/${one.id}`} aria-label={t("withdraw.open", { sum: amount(one.amount, one.asset), label: one.label })}><Amount value={one.amount} asset={one.asset} /></Link>
        ) },
        { key: "status", title: t("col.status"), cell: (one) => <State of={one} />, csv: (one) => one.status },
        { key: "time", title: t("col.time"), csv: (one) => one.created_at, cell: (one) => <When at={one.created_at} /> },
        { key: "fee", title: t("withdraw.fee"), end: true, cell: (one) => <Amount value={one.fee} asset={one.asset} />, csv: (one) => one.fee },
        { key: "network", title: t("col.network"), cell: (one) => network(one.network), csv: (one) => one.network },
        { key: "to", title: t("col.to"), cell: (one) => <>{one.label} <ShortAddress of={one.address} /></>, csv: (one) => one.address },
      ]} />}
    </Paged>
  );
}
