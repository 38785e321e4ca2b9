// One subscription: what was agreed, what was paid, and what its plan still owes.

import type { ReactNode } from "react";
import { useTranslation } from "react-i18next";
import { Link, useParams } from "react-router";
import { ExactPercent, Figure, Figures } from "@/kit/Figures";
import { Panel } from "@/kit/Panel";
import { Loaded } from "@/kit/states";
import { Table } from "@/kit/Table";
import { Amount, Facts, Id, Pill, When, type Tone } from "@/kit/values";
import { Frame } from "../Frame";
import { useSubscription, type Subscription } from "./reads";
import { Customer, State } from "./words";

export default function SubscriptionRoom(): ReactNode {
  const { t } = useTranslation(["earndesk", "earndesk_subscriptions"]);
  const { id = "" } = useParams();
  const query = useSubscription(id);
  return (
    <Frame title={<>{t("room.subscription")} <Id value={id} /></>} note={query.data?.name ?? ""} back={{ to: "/fixed-income/subscriptions", text: t("earndesk_subscriptions:back") }}>
      <Loaded query={query} lines={10}>{(one) => <Whole one={one} />}</Loaded>
    </Frame>
  );
}

function Whole({ one }: { one: Subscription }): ReactNode {
  const { t } = useTranslation(["earndesk_subscriptions", "earndesk_terms"]);
  const own = (value: string | null): ReactNode => (value === null ? <span className="dim">–</span> : <Amount value={value} asset={one.asset} />);
  return (
    <>
      <Figures>
        <Figure name={t("col.status")} note={one.ended_at === null ? undefined : <When at={one.ended_at} />}><State of={one.status} /></Figure>
        <Figure name={t("col.principal")}>{own(one.principal)}</Figure>
        <Figure name={t("col.apr")}><ExactPercent share={one.apr} /></Figure>
        <Figure name={t("col.paid")} note={<>{t("of")} {own(one.total_interest)}</>}>{own(one.interest_paid)}</Figure>
        <Figure name={t("col.next")}>{one.next_payout ?? <span className="dim">–</span>}</Figure>
        <Figure name={t("col.maturity")} note={<>{t("col.value_date")} {one.value_date}</>}>{one.maturity}</Figure>
      </Figures>
      <Panel title={t("agreed")}>
        <Facts rows={[
          [t("col.customer"), <Customer key="customer" id={one.customer_id} />],
          [t("col.product"), <Link key="product" to={`/fixed-income/templates/${one.template}?version=${String(one.version)}`}>{one.name} · {one.version}</Link>],
          [t("col.at"), <When key="at" at={one.created_at} />],
          [t("earndesk_terms:term.payout"), t(`earndesk_terms:payout.${one.payout_period}`)],
          [t("earndesk_terms:term.early"), t(`earndesk_terms:early.${one.early}`)],
          [t("renewal"), t(`earndesk_terms:renewal.${one.renewal}`)],
          [t("coupon"), one.coupon === null ? <span key="coupon" className="dim">–</span> : <Link key="coupon" to={`/fixed-income/coupons/${one.coupon.id}`}>{one.coupon.name} + <ExactPercent share={one.coupon.apr_boost} /></Link>],
          [t("col.order"), <Link key="order" to={`/finance/payment-orders/${one.order_id}`}><Id value={one.order_id} /></Link>],
          ...(one.renewed_from === null ? [] : [[t("renewed_from"), <Other key="from" id={one.renewed_from} />] as const]),
          ...(one.renewed_into === null ? [] : [[t("renewed_into"), <Other key="into" id={one.renewed_into} />] as const]),
          ...(one.renewal_refused === null ? [] : [[t("renewal_refused"), <code key="refused">{one.renewal_refused}</code>] as const]),
          ...(one.accrued === null ? [] : [[t("accrued"), own(one.accrued)] as const]),
          ...(one.clawed_back === null ? [] : [[t("clawed_back"), own(one.clawed_back)] as const]),
        ]} />
      </Panel>
      <Panel title={t("plan")}><Plan one={one} /></Panel>
    </>
  );
}

function Other({ id }: { id: string }): ReactNode {
  return <Link to={`/fixed-income/subscriptions/${id}`}><Id value={id} /></Link>;
}

const TONES: Record<string, Tone> = { pending: "plain", paid: "good", void: "warn" };

type Row = Subscription["plan"][number];

function Plan({ one }: { one: Subscription }): ReactNode {
  const { t } = useTranslation(["earndesk_subscriptions", "earndesk_template"]);
  return (
    <Table name={t("plan")} rows={one.plan} rowKey={(row) => String(row.seq)} file={`plan-${one.id}`} columns={[
      { key: "seq", title: t("earndesk_template:plan.seq"), end: true, cell: (row) => row.seq, csv: (row) => String(row.seq) },
      { key: "from", title: t("earndesk_template:plan.from"), cell: (row) => row.period_start, csv: (row) => row.period_start },
      { key: "to", title: t("earndesk_template:plan.to"), cell: (row) => row.period_end, csv: (row) => row.period_end },
      { key: "due", title: t("earndesk_template:plan.due"), cell: (row) => row.due_date, csv: (row) => row.due_date },
      { key: "interest", title: t("earndesk_template:plan.interest"), end: true, cell: (row) => <Amount value={row.interest} asset={one.asset} />, csv: (row) => row.interest },
      ...(one.coupon === null ? [] : [{ key: "bonus", title: t("bonus"), end: true, cell: (row: Row) => <Amount value={row.bonus} asset={one.asset} />, csv: (row: Row) => row.bonus }]),
      { key: "principal", title: t("earndesk_template:plan.principal_back"), end: true, cell: (row) => <Amount value={row.principal} asset={one.asset} />, csv: (row) => row.principal },
      { key: "status", title: t("col.status"), cell: (row) => <Pill tone={TONES[row.status] ?? "plain"}>{t(`row.${row.status}`)}</Pill>, csv: (row) => row.status },
    ]} />
  );
}
