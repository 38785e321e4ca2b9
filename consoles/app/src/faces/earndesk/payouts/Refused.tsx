import type { ReactNode } from "react";
import { useTranslation } from "react-i18next";
import { Link } from "react-router";
import { Listed } from "@/faces/finance/parts/pages";
import { Empty } from "@/kit/states";
import { Table, type Column } from "@/kit/Table";
import { Amount, Id, When } from "@/kit/values";
import { Customer } from "../subscriptions/words";
import { knownReason, type RefusedRow } from "./model";
import { useRefusedRows } from "./reads";

/** Rows that are due and wait, because the ledger would not pay them. */
export function Refused(): ReactNode {
  const { t } = useTranslation("earndesk_payouts");
  const columns: Column<RefusedRow>[] = [
    { key: "subscription", title: t("row.subscription"), csv: (row) => row.subscription_id, cell: (row) => <Link to={`/fixed-income/subscriptions/${row.subscription_id}`}><Id value={row.subscription_id} /></Link> },
    { key: "seq", title: t("row.seq"), end: true, csv: (row) => String(row.seq), cell: (row) => row.seq },
    { key: "customer", title: t("row.customer"), csv: (row) => row.customer_id, cell: (row) => <Customer id={row.customer_id} /> },
    { key: "reason", title: t("row.reason"), wrap: true, csv: (row) => row.reason, cell: (row) => <Why reason={row.reason} /> },
    { key: "due", title: t("row.due"), csv: (row) => row.due_date, cell: (row) => row.due_date },
    { key: "interest", title: t("row.interest"), end: true, csv: (row) => row.interest, cell: (row) => <Amount value={row.interest} asset={row.asset} /> },
    { key: "principal", title: t("row.principal"), end: true, csv: (row) => row.principal, cell: (row) => <Amount value={row.principal} asset={row.asset} /> },
    { key: "since", title: t("row.since"), csv: (row) => row.first_at, cell: (row) => <When at={row.first_at} /> },
    { key: "last", title: t("row.last"), csv: (row) => row.last_at, cell: (row) => <When at={row.last_at} /> },
  ];
  return (
    <div className="stack">
      <p className="dim">{t("refused.note")}</p>
      <Listed pages={useRefusedRows()} empty={<Empty title={t("refused.none")} />}>
        {(rows) => <Table name={t("refused.title")} columns={columns} rows={rows} rowKey={(row) => `${row.subscription_id} ${String(row.seq)}`} file="refused-rows" />}
      </Listed>
    </div>
  );
}

function Why({ reason }: { reason: string }): ReactNode {
  const { t } = useTranslation("earndesk_payouts");
  const known = knownReason(reason);
  return known === null ? <code>{reason}</code> : <>{t(`reason.${known}`)}</>;
}
