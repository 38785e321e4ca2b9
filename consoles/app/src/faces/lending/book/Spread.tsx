// What the loans earned day by day, and what the lent money cost: the difference is the house's.

import type { ReactNode } from "react";
import { useTranslation } from "react-i18next";
import { CurveChart } from "@/charts/CurveChart";
import { Empty, Loaded } from "@/kit/states";
import { Table } from "@/kit/Table";
import { Amount, Change } from "@/kit/values";
import { total, type Decimal } from "@/money/decimal";
import { useSpread, type SpreadDay } from "../bookReads";

const DAYS = 30;

export function Spread(): ReactNode {
  const { t } = useTranslation("lending_book");
  return (
    <Loaded query={useSpread(DAYS)} empty={<Empty title={t("spread.none")} />}>
      {(rows) => <SpreadOf rows={rows} />}
    </Loaded>
  );
}

/** One picture per asset. */
export function SpreadOf({ rows }: { rows: readonly SpreadDay[] }): ReactNode {
  return (
    <div className="stack">
      {[...new Set(rows.map(({ asset }) => asset))].map((asset) => <Curve key={asset} asset={asset} rows={rows.filter((row) => row.asset === asset)} />)}
    </div>
  );
}

function Curve({ asset, rows }: { asset: string; rows: readonly SpreadDay[] }): ReactNode {
  const { t } = useTranslation("lending_book");
  const days = [...new Set(rows.map(({ day }) => day))].toSorted((a, b) => Date.parse(a) - Date.parse(b));
  const sum = (day: string, pick: (row: SpreadDay) => Decimal): Decimal => total(rows.filter((row) => row.day === day).map(pick));
  const line = (name: string, tone: "accent" | "warn" | "info", pick: (row: SpreadDay) => Decimal): Parameters<typeof CurveChart>[0]["curves"][number] =>
    ({ name, tone, points: days.map((day) => ({ x: String(Date.parse(day)), y: sum(day, pick) })) });
  const table = <Days asset={asset} rows={rows} />;
  if (days.length < 2) return table;
  return (
    <CurveChart label={t("spread.curve", { asset })} ends={[days[0], days.at(-1)]} table={table} curves={[
      line(t("spread.interest"), "info", (row) => row.interest), line(t("spread.cost"), "warn", (row) => row.cost), line(t("spread.spread"), "accent", (row) => row.spread),
    ]} />
  );
}

function Days({ asset, rows }: { asset: string; rows: readonly SpreadDay[] }): ReactNode {
  const { t } = useTranslation("lending_book");
  return <Table name={t("spread.curve", { asset })} rows={rows} rowKey={(row) => `${row.day} ${row.product_id}`} file={`spread-${asset}`} columns={[
    { key: "day", title: t("spread.day"), cell: (row) => row.day, csv: (row) => row.day },
    { key: "product", title: t("col.product"), cell: (row) => row.name, csv: (row) => row.name },
    { key: "interest", title: t("spread.interest"), end: true, cell: (row) => <Amount value={row.interest} asset={asset} />, csv: (row) => row.interest },
    { key: "cost", title: t("spread.cost"), end: true, cell: (row) => <Amount value={row.cost} asset={asset} />, csv: (row) => row.cost },
    { key: "spread", title: t("spread.spread"), end: true, cell: (row) => <Change value={row.spread} />, csv: (row) => row.spread },
  ]} />;
}
