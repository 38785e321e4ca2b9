// What deposits cost on some days, beside what lending earned on the same days.

import { useState, type ReactNode } from "react";
import { useTranslation } from "react-i18next";
import { CurveChart } from "@/charts/CurveChart";
import { TextField } from "@/kit/fields";
import { Figure, Figures } from "@/kit/Figures";
import { Empty, Loaded } from "@/kit/states";
import { Table } from "@/kit/Table";
import { Amount, Change } from "@/kit/values";
import { daysOf } from "./model";
import { useCosts, type Costs } from "./reads";

export function CostsOf(): ReactNode {
  const { t } = useTranslation("earndesk_liabilities");
  const [span, setSpan] = useState({ from: "", to: "" });
  return (
    <div className="stack">
      <p className="dim">{t("cost.note")}</p>
      <div className="earndesk-fields">
        <TextField type="date" label={t("cost.from")} value={span.from} onChange={(from) => { setSpan((now) => ({ ...now, from })); }} />
        <TextField type="date" label={t("cost.to")} value={span.to} onChange={(to) => { setSpan((now) => ({ ...now, to })); }} />
      </div>
      <Loaded query={useCosts(span.from, span.to)} lines={6} isEmpty={({ items, totals }) => items.length + totals.length === 0} empty={<Empty title={t("cost.none")} />}>
        {(costs) => <>{costs.totals.map((one) => <OfAsset key={one.asset} sum={one} items={costs.items} />)}</>}
      </Loaded>
    </div>
  );
}

function OfAsset({ sum, items }: { sum: Costs["totals"][number]; items: Costs["items"] }): ReactNode {
  const { t } = useTranslation("earndesk_liabilities");
  const { asset } = sum;
  const own = (value: string): ReactNode => <Amount value={value} asset={asset} />;
  return (
    <section className="stack" aria-label={t("cost.of", { asset })}>
      <h3>{t("cost.of", { asset })}</h3>
      <Figures>
        <Figure name={t("cost.lending")}>{own(sum.lending_interest)}</Figure>
        <Figure name={t("cost.funding")}>{own(sum.funding_interest)}</Figure>
        <Figure name={t("cost.interest")}>{own(sum.interest)}</Figure>
        <Figure name={t("cost.coupons")}>{own(sum.coupons)}</Figure>
        <Figure name={t("cost.margin")} note={t("cost.margin_note")}><Change value={sum.margin} asset={asset} /></Figure>
      </Figures>
      <Days asset={asset} items={items} />
    </section>
  );
}

function Days({ asset, items }: { asset: string; items: Costs["items"] }): ReactNode {
  const { t } = useTranslation("earndesk_liabilities");
  const rows = items.filter((one) => one.asset === asset);
  const days = daysOf(items, asset);
  const table = (
    <div className="earndesk-rows">
      <Table name={t("cost.days", { asset })} rows={rows.toReversed()} rowKey={(row) => `${row.day} ${row.template}`} file={`cost-${asset}`} columns={[
        { key: "day", title: t("cost.day"), cell: (row) => row.day, csv: (row) => row.day },
        { key: "name", title: t("cost.product"), cell: (row) => row.name, csv: (row) => row.name },
        { key: "interest", title: t("cost.interest"), end: true, cell: (row) => <Amount value={row.interest} asset={asset} />, csv: (row) => row.interest },
        { key: "coupons", title: t("cost.coupons"), end: true, cell: (row) => <Amount value={row.coupons} asset={asset} />, csv: (row) => row.coupons },
      ]} />
    </div>
  );
  if (rows.length === 0) return null;
  if (days.length < 2) return table;
  const points = (pick: (row: (typeof days)[number]) => string): { x: string; y: string }[] => days.map((row) => ({ x: String(Date.parse(row.day)), y: pick(row) }));
  return <CurveChart label={t("cost.days", { asset })} ends={[days[0]?.day, days.at(-1)?.day]} table={table} curves={[
    { name: t("cost.interest"), tone: "warn", points: points((row) => row.interest) }, { name: t("cost.coupons"), tone: "info", points: points((row) => row.coupons) },
  ]} />;
}
