// Liquidations: what is being sold now and what waits, the breakers that hold sales back, and all that are over.

import type { ReactNode } from "react";
import { useTranslation } from "react-i18next";
import { Link } from "react-router";
import { Listed, type Pages } from "@/faces/finance/parts/pages";
import { Panel } from "@/kit/Panel";
import { Empty } from "@/kit/states";
import { Table, type Column } from "@/kit/Table";
import { Amount, Id, When } from "@/kit/values";
import { isZero, type Decimal } from "@/money/decimal";
import { BookFrame } from "../BookFrame";
import { Breakers } from "./Breakers";
import { breakerOn, divisionOf, earnedBy, owedOf, type Liquidation } from "./model";
import { useBreakers, useLiquidations } from "./reads";
import { LoanState, Pause, Sold, Status, Stopped } from "./words";

export default function SalesRoom(): ReactNode {
  const { t } = useTranslation(["lending_book", "lending_sales"]);
  return (
    <BookFrame title={t("room.liquidations")} note={t("lending_sales:note")}>
      <Running />
      <Breakers />
      <Over />
    </BookFrame>
  );
}

function Running(): ReactNode {
  const { t } = useTranslation("lending_sales");
  const { data: breakers = [] } = useBreakers();
  const stopped: Column<Liquidation> = {
    key: "breaker", title: t("col.breaker"), cell: (row) => <Stopped by={breakerOn(row.targets.map(({ asset }) => asset), breakers)} />,
    csv: (row) => String(breakerOn(row.targets.map(({ asset }) => asset), breakers)?.level ?? 0),
  };
  return <List title={t("list.running")} none={t("list.none_running")} file="liquidations-running" pages={useLiquidations(true)} more={[stopped]} />;
}

function Over(): ReactNode {
  const { t } = useTranslation("lending_sales");
  const sum = (pick: "surplus" | "insured" | "lost"): Column<Liquidation> => ({
    key: pick, title: t(`col.${pick}`), end: true, csv: (row) => divisionOf(row)?.[pick],
    cell: (row) => <Sum value={divisionOf(row)?.[pick] ?? "0"} asset={row.asset} />,
  });
  return <List title={t("list.over")} none={t("list.none_over")} file="liquidations" pages={useLiquidations(false)} more={[
    sum("surplus"), sum("insured"), sum("lost"),
  ]} />;
}

/** Most sales leave nothing for these columns. */
function Sum({ value, asset }: { value: Decimal; asset: string }): ReactNode {
  return isZero(value) ? <span className="dim">0</span> : <Amount value={value} asset={asset} />;
}

function List({ title, none, file, pages, more }: { title: string; none: string; file: string; pages: Pages<Liquidation>; more: Column<Liquidation>[] }): ReactNode {
  const columns = useColumns();
  return (
    <Panel title={title}>
      <Listed pages={pages} empty={<Empty title={none} />}>
        {(rows) => <Table name={title} rows={rows} rowKey={(row) => row.id} file={file} columns={[...columns, ...more]} />}
      </Listed>
    </Panel>
  );
}

function useColumns(): Column<Liquidation>[] {
  const { t } = useTranslation("lending_sales");
  return [
    { key: "opened", title: t("col.opened"), cell: (row) => <Link to={`/lending/liquidations/${row.id}`}><When at={row.opened_at} /></Link>, csv: (row) => row.opened_at },
    { key: "status", title: t("col.status"), cell: (row) => <><Status of={row} /><Pause of={row} /></>, csv: (row) => row.status },
    { key: "loan", title: t("col.loan"), csv: (row) => row.loan_id, cell: (row) => <><Link to={`/borrow/${row.loan_id}`}><Id value={row.loan_id} /></Link> <LoanState of={row} /></> },
    { key: "cause", title: t("col.cause"), cell: (row) => t(`cause.${row.cause}`), csv: (row) => row.cause },
    { key: "debt", title: t("col.debt"), end: true, cell: (row) => <Amount value={owedOf(row)} asset={row.asset} />, csv: (row) => owedOf(row) },
    { key: "sold", title: t("col.sold"), end: true, cell: (row) => <Sold of={row} /> },
    { key: "earned", title: t("col.earned"), end: true, cell: (row) => <Amount value={earnedBy(row.sales)} asset={row.asset} />, csv: (row) => earnedBy(row.sales) },
  ];
}
