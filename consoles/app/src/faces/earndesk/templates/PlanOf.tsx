import { useState, type ReactNode } from "react";
import { useTranslation } from "react-i18next";
import { AmountField, TextField } from "@/kit/fields";
import { ExactPercent, Figure, Figures } from "@/kit/Figures";
import { Loaded } from "@/kit/states";
import { Table } from "@/kit/Table";
import { Amount, When } from "@/kit/values";
import { total } from "@/money/decimal";
import type { Template } from "../terms";
import { exampleOf } from "./draft";
import { usePreview, type Preview } from "./reads";

/** What a subscription of one day of sale would become, row by row, as the server reckons it. */
export function PlanOf({ template, saved }: { template: Template; saved: string }): ReactNode {
  const { t } = useTranslation("earndesk_template");
  const [principal, setPrincipal] = useState(() => exampleOf(template.terms));
  const [date, setDate] = useState(() => template.effective_from ?? new Date().toISOString().slice(0, 10));
  const query = usePreview(template.id, saved, principal.trim(), date);
  return (
    <div className="stack">
      <div className="earndesk-fields">
        <AmountField label={t("plan.principal", { asset: template.asset })} value={principal} onChange={setPrincipal} />
        <TextField type="date" label={t("plan.day")} value={date} onChange={setDate} />
      </div>
      {principal.trim() !== "" && date !== "" && <Loaded query={query}>{(plan) => <Plan plan={plan} asset={template.asset} />}</Loaded>}
    </div>
  );
}

function Plan({ plan, asset }: { plan: Preview; asset: string }): ReactNode {
  const { t } = useTranslation("earndesk_template");
  const own = (value: string): ReactNode => <Amount value={value} asset={asset} />;
  return (
    <>
      <Figures>
        <Figure name={t("plan.sale")} note={<><span aria-hidden="true">– </span><When at={plan.closes_at} /></>}><When at={plan.opens_at} /></Figure>
        <Figure name={t("plan.value_date")} note={t("plan.value_note")}>{plan.value_date}</Figure>
        <Figure name={t("plan.maturity")}>{plan.maturity}</Figure>
        <Figure name={t("plan.apr")} note={t("plan.apr_note")}><ExactPercent share={plan.apr} /></Figure>
        <Figure name={t("plan.interest")} note={t("plan.rows", { count: plan.rows.length })}>{own(plan.total_interest)}</Figure>
        <Figure name={t("plan.all")}>{own(total([plan.total_interest, ...plan.rows.map((row) => row.principal)]))}</Figure>
      </Figures>
      <PlanTable rows={plan.rows} asset={asset} name={t("plan.title")} />
    </>
  );
}

type Row = Preview["rows"][number];

export function PlanTable({ rows, asset, name }: { rows: readonly Row[]; asset: string; name: string }): ReactNode {
  const { t } = useTranslation("earndesk_template");
  return (
    <div className="earndesk-rows">
      <Table name={name} rows={rows} rowKey={(row) => String(row.seq)} file="plan" columns={[
        { key: "seq", title: t("plan.seq"), end: true, cell: (row) => row.seq, csv: (row) => String(row.seq) },
        { key: "from", title: t("plan.from"), cell: (row) => row.period_start, csv: (row) => row.period_start },
        { key: "to", title: t("plan.to"), cell: (row) => row.period_end, csv: (row) => row.period_end },
        { key: "due", title: t("plan.due"), cell: (row) => row.due_date, csv: (row) => row.due_date },
        { key: "interest", title: t("plan.interest"), end: true, cell: (row) => <Amount value={row.interest} asset={asset} />, csv: (row) => row.interest },
        { key: "principal", title: t("plan.principal_back"), end: true, cell: (row) => <Amount value={row.principal} asset={asset} />, csv: (row) => row.principal },
      ]} />
    </div>
  );
}
