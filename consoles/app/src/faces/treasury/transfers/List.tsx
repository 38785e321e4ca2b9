import { useState, type ReactNode } from "react";
import { useTranslation } from "react-i18next";
import { Link } from "react-router";
import { Paged } from "@/faces/retail/pages";
import { Select } from "@/kit/fields";
import { Empty } from "@/kit/states";
import { Table, type Column } from "@/kit/Table";
import { Amount, When } from "@/kit/values";
import { Transaction } from "../money/parts";
import { useNetworkName } from "../money/reads";
import { placeName } from "../place";
import { useTransfers, type Transfer } from "./reads";
import { State } from "./words";

const SHOWN = ["under_way", "all"] as const;

export function List(): ReactNode {
  const { t } = useTranslation("treasury_moves");
  const [shown, setShown] = useState<string>("under_way");
  const query = useTransfers(shown === "under_way");
  const columns = useColumns();
  return (
    <div className="stack">
      <div className="treasury-filters">
        <Select label={t("list.shown")} value={shown} onChange={setShown} choices={SHOWN.map((id) => ({ id, text: t(`list.${id}`) }))} />
      </div>
      <Paged query={query} empty={<Empty title={t(shown === "all" ? "list.none_ever" : "list.none")} />}>
        {(rows) => <Table name={t("list.title")} rows={rows} rowKey={(one) => one.id} columns={columns} file="treasury-transfers" />}
      </Paged>
    </div>
  );
}

function useColumns(): Column<Transfer>[] {
  const { t } = useTranslation("treasury_moves");
  const network = useNetworkName();
  const open = (one: Transfer): string => t("col.open", { amount: one.amount, asset: one.asset, from: placeName(one.from), to: placeName(one.to) });
  return [
    { key: "at", title: t("col.at"), csv: (one) => one.created_at, cell: (one) => <When at={one.created_at} /> },
    { key: "amount", title: t("col.amount"), end: true, csv: (one) => `${one.amount} ${one.asset}`,
      cell: (one) => <Link to={`/treasury/transfers/${one.id}`} aria-label={open(one)}><Amount value={one.amount} asset={one.asset} /></Link> },
    { key: "state", title: t("col.state"), csv: (one) => one.state, cell: (one) => <State of={one} /> },
    { key: "from", title: t("col.from"), csv: (one) => one.from, cell: (one) => placeName(one.from) },
    { key: "to", title: t("col.to"), csv: (one) => one.to, cell: (one) => placeName(one.to) },
    { key: "network", title: t("col.network"), csv: (one) => one.network, cell: (one) => network(one.network) },
    { key: "fee", title: t("col.fee"), end: true, csv: (one) => one.left_fee ?? one.fee, cell: (one) => <Amount value={one.left_fee ?? one.fee} asset={one.asset} /> },
    { key: "left", title: t("step.left"), csv: (one) => one.left_at, cell: (one) => <When at={one.left_at} /> },
    { key: "txid", title: t("col.transaction"), csv: (one) => one.txid, cell: (one) => <Transaction txid={one.txid} network={one.network} /> },
  ];
}
