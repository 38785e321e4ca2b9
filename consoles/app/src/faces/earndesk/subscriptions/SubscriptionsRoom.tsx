// What all customers have subscribed.

import { useState, type ReactNode } from "react";
import { useTranslation } from "react-i18next";
import { Link } from "react-router";
import { Listed } from "@/faces/finance/parts/pages";
import { Select } from "@/kit/fields";
import { ExactPercent } from "@/kit/Figures";
import { Panel } from "@/kit/Panel";
import { Empty } from "@/kit/states";
import { Table, type Column } from "@/kit/Table";
import { Amount, Id, When } from "@/kit/values";
import { Frame } from "../Frame";
import { useSubscriptions, type Status, type Subscription } from "./reads";
import { Customer, State } from "./words";

const STATES = ["active", "paid_out", "redeemed_early", "renewed"] as const satisfies readonly Status[];

export default function SubscriptionsRoom(): ReactNode {
  const { t } = useTranslation(["earndesk", "earndesk_subscriptions"]);
  const [status, setStatus] = useState<Status | "">("");
  const pages = useSubscriptions(status);
  const choices = [{ id: "", text: t("earndesk_subscriptions:any") }, ...STATES.map((id) => ({ id, text: t(`earndesk_subscriptions:status.${id}`) }))];
  return (
    <Frame title={t("room.subscriptions")} note={t("earndesk_subscriptions:note")}>
      <Panel title={t("earndesk_subscriptions:list")}>
        <div className="stack">
          <div className="earndesk-fields"><Select label={t("earndesk_subscriptions:col.status")} value={status} choices={choices} onChange={(id) => { setStatus(STATES.find((one) => one === id) ?? ""); }} /></div>
          <Listed pages={pages} empty={<Empty title={t("earndesk_subscriptions:none")} />}>{(rows) => <List rows={rows} />}</Listed>
        </div>
      </Panel>
    </Frame>
  );
}

function List({ rows }: { rows: readonly Subscription[] }): ReactNode {
  const { t } = useTranslation("earndesk_subscriptions");
  const columns: Column<Subscription>[] = [
    { key: "id", title: t("col.id"), csv: (row) => row.id, cell: (row) => <Link to={`/fixed-income/subscriptions/${row.id}`}><Id value={row.id} /></Link> },
    { key: "at", title: t("col.at"), csv: (row) => row.created_at, cell: (row) => <When at={row.created_at} /> },
    { key: "name", title: t("col.product"), csv: (row) => `${row.name} ${String(row.version)}`, cell: (row) => <Link to={`/fixed-income/templates/${row.template}?version=${String(row.version)}`}>{row.name} · {row.version}</Link> },
    { key: "customer", title: t("col.customer"), csv: (row) => row.customer_id, cell: (row) => <Customer id={row.customer_id} /> },
    { key: "status", title: t("col.status"), csv: (row) => row.status, cell: (row) => <State of={row.status} /> },
    { key: "principal", title: t("col.principal"), end: true, csv: (row) => row.principal, cell: (row) => <Amount value={row.principal} asset={row.asset} /> },
    { key: "apr", title: t("col.apr"), end: true, csv: (row) => row.apr, cell: (row) => <ExactPercent share={row.apr} /> },
    { key: "paid", title: t("col.paid"), end: true, csv: (row) => row.interest_paid, cell: (row) => <Amount value={row.interest_paid} asset={row.asset} /> },
    { key: "total", title: t("col.total"), end: true, csv: (row) => row.total_interest, cell: (row) => <Amount value={row.total_interest} asset={row.asset} /> },
    { key: "next", title: t("col.next"), csv: (row) => row.next_payout, cell: (row) => row.next_payout ?? <span className="dim">–</span> },
    { key: "maturity", title: t("col.maturity"), csv: (row) => row.maturity, cell: (row) => row.maturity },
  ];
  return <Table name={t("list")} columns={columns} rows={rows} rowKey={(row) => row.id} file="subscriptions" />;
}
