// Lists of withdrawals: by state, and what one customer asked for.

import { useState, type ReactNode } from "react";
import { useTranslation } from "react-i18next";
import { Link } from "react-router";
import { ShortAddress } from "@/faces/funding/Address";
import { Paged } from "@/faces/retail/pages";
import { Select } from "@/kit/fields";
import { Panel } from "@/kit/Panel";
import { Empty } from "@/kit/states";
import { Table, type Column } from "@/kit/Table";
import { Amount, When } from "@/kit/values";
import { formatExact } from "@/money/format";
import { useSettings } from "@/settings/settings";
import { CustomerId } from "../money/parts";
import { useNetworkName, useWithdrawals, type Withdrawal, type WithdrawalState } from "../money/reads";
import { Reasons, State, STATES } from "./words";

export function List(): ReactNode {
  const { t } = useTranslation("treasury_wallet");
  const [state, setState] = useState<WithdrawalState | "">("review");
  const query = useWithdrawals(state === "" ? {} : { state });
  const none = state === "" ? "none" : state === "review" ? "none_review" : "none_such";
  return (
    <Panel title={t("withdrawal.list")}>
      <div className="stack">
        <div className="treasury-filters">
          <Select label={t("col.state")} value={state} onChange={(id) => { setState(id as WithdrawalState | ""); }}
            choices={[{ id: "", text: t("any") }, ...STATES.map((id) => ({ id, text: t(`withdrawal.state.${id}`) }))]} />
        </div>
        <Paged query={query} empty={<Empty title={t(`withdrawal.${none}`)} />}>{(rows) => <Rows name={t("withdrawal.list")} rows={rows} />}</Paged>
      </div>
    </Panel>
  );
}

/** What one customer asked for besides this one. */
export function History({ of }: { of: { customer: string; but: string } }): ReactNode {
  const { t } = useTranslation("treasury_wallet");
  const query = useWithdrawals({ customer_id: of.customer });
  const none = <Empty title={t("withdrawal.no_history")} />;
  return (
    <Panel title={t("withdrawal.history")}>
      <Paged query={query} empty={none}>
        {(rows) => {
          const others = rows.filter((one) => one.id !== of.but);
          return others.length === 0 ? none : <Rows name={t("withdrawal.history")} rows={others} brief />;
        }}
      </Paged>
    </Panel>
  );
}

function Rows({ name, rows, brief = false }: { name: string; rows: readonly Withdrawal[]; brief?: boolean }): ReactNode {
  const columns = useColumns().filter(({ key }) => !brief || key !== "customer");
  return <Table name={name} rows={rows} rowKey={(one) => one.id} columns={columns} file="withdrawals" />;
}

function useColumns(): Column<Withdrawal>[] {
  const { t } = useTranslation("treasury_wallet");
  const { language } = useSettings().settings;
  const network = useNetworkName();
  const open = (one: Withdrawal): string => t("withdrawal.open", { sum: `${formatExact(one.amount, language)} ${one.asset}` });
  return [
    { key: "at", title: t("col.at"), csv: (one) => one.created_at, cell: (one) => <When at={one.created_at} /> },
    { key: "amount", title: t("col.amount"), end: true, csv: (one) => `${one.amount} ${one.asset}`,
      cell: (one) => <Link to={`/treasury/withdrawals/${one.id}`} aria-label={open(one)}><Amount value={one.amount} asset={one.asset} /></Link> },
    { key: "value", title: t("col.value"), end: true, csv: (one) => one.review?.value, cell: (one) => <Amount value={one.review?.value} /> },
    { key: "state", title: t("col.state"), csv: (one) => one.state, cell: (one) => <State of={one} /> },
    { key: "why", title: t("col.why"), wrap: true, csv: (one) => one.review?.reasons.join(" "), cell: (one) => <Reasons of={one.review?.reasons ?? []} /> },
    { key: "customer", title: t("col.customer"), csv: (one) => one.review?.customer_id, cell: (one) => <CustomerId id={one.review?.customer_id ?? null} /> },
    { key: "network", title: t("col.network"), csv: (one) => one.network, cell: (one) => network(one.network) },
    { key: "to", title: t("col.to"), csv: (one) => one.address, cell: (one) => <>{one.label} <ShortAddress of={one.address} /></> },
    { key: "since", title: t("col.since"), csv: (one) => one.review?.address_since, cell: (one) => <When at={one.review?.address_since} /> },
  ];
}
