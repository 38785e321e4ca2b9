// What leaves the cold wallets: asked for by one person, agreed to by another, signed by holders on devices of their own.

import type { ReactNode } from "react";
import { useTranslation } from "react-i18next";
import { Link, useParams } from "react-router";
import { Paged } from "@/faces/retail/pages";
import { Panel } from "@/kit/Panel";
import { Empty } from "@/kit/states";
import { Table, type Column } from "@/kit/Table";
import { Amount, When } from "@/kit/values";
import { formatExact } from "@/money/format";
import { useSession } from "@/session/session";
import { useSettings } from "@/settings/settings";
import { Frame } from "../Frame";
import { Transaction } from "../money/parts";
import { useNetworkName } from "../money/reads";
import { Form } from "./Form";
import { One } from "./One";
import { useColdSpends } from "./reads";
import { State } from "./State";
import type { ColdSpend } from "./wire";

export default function Cold(): ReactNode {
  const { t } = useTranslation("treasury_cold");
  const { t: rooms } = useTranslation("treasury");
  const { id } = useParams();
  const { may } = useSession();
  if (id !== undefined) return <One key={id} id={id} />;
  return (
    <Frame title={rooms("room.cold")} note={t("intro")}>
      <Panel title={t("list")}><List /></Panel>
      {may("treasury:write") && <Panel title={t("form.title")}><Form /></Panel>}
    </Frame>
  );
}

function List(): ReactNode {
  const { t } = useTranslation("treasury_cold");
  const { language } = useSettings().settings;
  const network = useNetworkName();
  const columns: Column<ColdSpend>[] = [
    { key: "at", title: t("col.at"), csv: (one) => one.created_at, cell: (one) => <When at={one.created_at} /> },
    { key: "amount", title: t("col.amount"), end: true, csv: (one) => `${one.amount} ${one.asset}`, cell: (one) => (
      <Link to={`/treasury/cold/${one.id}`} aria-label={t("open", { sum: `${formatExact(one.amount, language)} ${one.asset}` })}><Amount value={one.amount} asset={one.asset} /></Link>
    ) },
    { key: "state", title: t("col.state"), csv: (one) => one.state, cell: (one) => <State of={one.state} /> },
    { key: "network", title: t("col.network"), csv: (one) => one.network, cell: (one) => network(one.network) },
    { key: "cap", title: t("col.fee_cap"), end: true, csv: (one) => one.fee_cap, cell: (one) => <Amount value={one.fee_cap} /> },
    { key: "txid", title: t("col.transaction"), csv: (one) => one.txid, cell: (one) => <Transaction txid={one.txid} network={one.network} /> },
  ];
  return (
    <Paged query={useColdSpends()} empty={<Empty title={t("none")} />}>
      {(rows) => <Table name={t("list")} rows={rows} rowKey={(one) => one.id} columns={columns} file="cold-spends" />}
    </Paged>
  );
}
