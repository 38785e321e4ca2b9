import { useQuery } from "@tanstack/react-query";
import { useState, type ReactNode } from "react";
import { useTranslation } from "react-i18next";
import { Link, useParams } from "react-router";
import { api, ask, type Schemas } from "@/api/client";
import { Button } from "@/kit/Button";
import { Panel } from "@/kit/Panel";
import { Empty, Loaded } from "@/kit/states";
import { Table, type Column } from "@/kit/Table";
import { Amount, Facts, Id, When } from "@/kit/values";
import { sub } from "@/money/decimal";
import { useSession } from "@/session/session";
import { Frame } from "../parts/Frame";
import { AccountLink, Copyable } from "../parts/values";
import { PaymentStatus } from "./PaymentOrders";
import { Refund } from "./Refund";

type PaymentOrder = Schemas["PaymentOrderOut"];

export default function PaymentOrderScreen(): ReactNode {
  const { t } = useTranslation("finance");
  const { id = "" } = useParams();
  const query = useQuery({
    queryKey: ["finance", "payment", id],
    queryFn: () => ask(api.GET("/v1/payment-orders/{id}", { params: { path: { id } } })),
    refetchInterval: 5_000,
  });
  return (
    <Frame title={t("rooms.payment")} aside={<Link to="/finance/payment-orders">{t("payment.back")}</Link>}>
      <Loaded query={query} lines={8}>
        {(order) => (
          <>
            <div className="grid">
              <Panel title={t("payment.head")}><Head order={order} /></Panel>
              <Panel title={t("payment.now")}><Now order={order} /></Panel>
            </div>
            <Panel title={t("payment.legs")}><Legs order={order} /></Panel>
          </>
        )}
      </Loaded>
    </Frame>
  );
}

function Head({ order }: { order: PaymentOrder }): ReactNode {
  const { t } = useTranslation("finance");
  return (
    <Facts rows={[
      [t("column.id"), <Copyable key="id" value={order.id} label={t("column.id")} />],
      [t("payment.sku"), order.sku],
      [t("payment.quantity"), order.quantity],
      [t("payment.price"), <span key="price"><Amount value={order.price} asset={order.asset} /> <span className="dim">{t("payment.version", { n: order.price_version })}</span></span>],
      [t("column.amount"), <Amount key="amount" value={order.amount} asset={order.asset} />],
      [t("payment.payer"), <Id key="payer" value={order.user_id} />],
      [t("payment.ordered_at"), <When key="ordered" at={order.created_at} />],
      [t("payment.expires_at"), <When key="expires" at={order.expires_at} />],
      [t("payment.paid_at"), <When key="paid" at={order.paid_at} />],
      [t("payment.updated_at"), <When key="updated" at={order.updated_at} />],
    ]} />
  );
}

function Now({ order }: { order: PaymentOrder }): ReactNode {
  const { t } = useTranslation("finance");
  const { may } = useSession();
  const [refunding, setRefunding] = useState(false);
  const refundable = order.status === "paid" || order.status === "partially_refunded";
  return (
    <div className="stack">
      <div><PaymentStatus status={order.status} /></div>
      <p>{t(`payment_status.${order.status}.why`)}</p>
      <Facts rows={[
        [t("payment.refunded"), <Amount key="refunded" value={order.refunded} asset={order.asset} />],
        [t("payment.left"), refundable ? <Amount key="left" value={sub(order.amount, order.refunded)} asset={order.asset} /> : "–"],
        [t("payment.returned"), t("payment.units_of", { n: order.returned, all: order.quantity })],
      ]} />
      {refundable && may("refunds:write") && <div><Button kind="danger" onPress={() => { setRefunding(true); }}>{t("refund.title")}</Button></div>}
      {refunding && <Refund order={order} onClose={() => { setRefunding(false); }} />}
    </div>
  );
}

/** Who received the money, and what each of them gave back. */
function Legs({ order }: { order: PaymentOrder }): ReactNode {
  const { t } = useTranslation("finance");
  const columns: readonly Column<Schemas["LegOut"]>[] = [
    { key: "role", title: t("payment.role"), csv: (row) => row.role, cell: (row) => t(`leg.${row.role}`) },
    { key: "account", title: t("column.account"), csv: (row) => row.account_id, cell: (row) => <AccountLink id={row.account_id}>{row.account_id}</AccountLink> },
    { key: "amount", title: t("payment.received"), end: true, csv: (row) => row.amount, cell: (row) => <Amount value={row.amount} asset={order.asset} /> },
    { key: "refunded", title: t("payment.gave_back"), end: true, csv: (row) => row.refunded, cell: (row) => <Amount value={row.refunded} asset={order.asset} /> },
  ];
  const legs = order.legs ?? [];
  if (legs.length === 0) return <Empty title={t("payment.no_legs")} />;
  return <Table name={t("payment.legs")} columns={columns} rows={legs} rowKey={(row) => `${row.role}:${row.account_id}`} file="payment-legs" />;
}
