import { useDeferredValue, useState, type ReactNode } from "react";
import { useTranslation } from "react-i18next";
import { Link } from "react-router";
import { api, ask, type Schemas } from "@/api/client";
import { Select, TextField } from "@/kit/fields";
import { Panel } from "@/kit/Panel";
import { Empty } from "@/kit/states";
import { Table, type Column } from "@/kit/Table";
import { Amount, Id, Pill, When, type Tone } from "@/kit/values";
import { Frame } from "../parts/Frame";
import { Listed, usePages } from "../parts/pages";

type PaymentOrder = Schemas["PaymentOrderOut"];
type Status = Schemas["PaymentStatus"];

const STATUSES: readonly Status[] = ["pending", "reserved", "paid", "partially_refunded", "refunded", "cancelled", "expired"];
const TONES: { [status: string]: Tone } = { pending: "info", reserved: "info", paid: "good", partially_refunded: "warn", refunded: "warn", cancelled: "plain", expired: "plain" };

export default function PaymentOrders(): ReactNode {
  const { t } = useTranslation("finance");
  const [status, setStatus] = useState<Status | null>(null);
  const [sku, setSku] = useState("");
  const asked = useDeferredValue(sku.trim());
  return (
    <Frame title={t("rooms.payments")} intro={t("payment.intro")}>
      <Panel title={t("payment.list")}>
        <div className="stack">
          <div className="finance-form">
            <Select label={t("column.state")} value={status ?? ""} onChange={(id) => { setStatus(STATUSES.find((known) => known === id) ?? null); }}
              choices={[{ id: "", text: t("any") }, ...STATUSES.map((id) => ({ id, text: t(`payment_status.${id}.name`) }))]} />
            <TextField label={t("payment.sku")} value={sku} onChange={setSku} autoComplete="off" placeholder="demo-ticket" />
          </div>
          <List status={status} sku={asked === "" ? null : asked} />
        </div>
      </Panel>
    </Frame>
  );
}

export function PaymentStatus({ status }: { status: string }): ReactNode {
  const { t } = useTranslation("finance");
  return <Pill tone={TONES[status] ?? "plain"}>{t(`payment_status.${status}.name`)}</Pill>;
}

function List({ status, sku }: { status: Status | null; sku: string | null }): ReactNode {
  const { t } = useTranslation("finance");
  const pages = usePages(
    ["finance", "payments", status, sku],
    (cursor) => ask(api.GET("/v1/payment-orders", { params: { query: { status, sku, cursor, limit: 50 } } })),
    () => 10_000,
  );
  const columns: readonly Column<PaymentOrder>[] = [
    { key: "at", title: t("payment.ordered_at"), csv: (row) => row.created_at, cell: (row) => <Link to={`/finance/payment-orders/${row.id}`}><When at={row.created_at} /></Link> },
    { key: "id", title: t("column.id"), csv: (row) => row.id, cell: (row) => <Id value={row.id} /> },
    { key: "state", title: t("column.state"), csv: (row) => row.status, cell: (row) => <PaymentStatus status={row.status} /> },
    { key: "sku", title: t("payment.sku"), csv: (row) => row.sku, cell: (row) => row.sku },
    { key: "quantity", title: t("payment.quantity"), end: true, csv: (row) => String(row.quantity), cell: (row) => row.quantity },
    { key: "amount", title: t("column.amount"), end: true, csv: (row) => row.amount, cell: (row) => <Amount value={row.amount} asset={row.asset} /> },
    { key: "refunded", title: t("payment.refunded"), end: true, csv: (row) => row.refunded, cell: (row) => <Amount value={row.refunded} asset={row.asset} /> },
    { key: "payer", title: t("payment.payer"), csv: (row) => row.user_id, cell: (row) => <Id value={row.user_id} /> },
    { key: "paid", title: t("payment.paid_at"), csv: (row) => row.paid_at, cell: (row) => <When at={row.paid_at} /> },
  ];
  return (
    <Listed pages={pages} empty={<Empty title={t(status === null && sku === null ? "payment.none" : "payment.none_such")} />}>
      {(rows) => <Table name={t("payment.list")} columns={columns} rows={rows} rowKey={(row) => row.id} file="payment-orders" />}
    </Listed>
  );
}
