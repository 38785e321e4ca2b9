// The parts of the book, one table each.

import type { ReactNode } from "react";
import { useTranslation } from "react-i18next";
import { Link } from "react-router";
import { Table, type Column } from "@/kit/Table";
import { Amount, Change, Percent, Pill, type Tone } from "@/kit/values";
import { isZero, ratio } from "@/money/decimal";
import type { Book } from "../bookReads";
import { sourceOf, Used } from "../funding/Lines";
import { usedOf } from "../funding/model";

const TONES: Record<string, Tone> = { HEALTHY: "good", WARNING: "warn", MARGIN_CALL: "warn", PENDING_LIQUIDATION: "bad", LIQUIDATING: "bad" };

export function Level({ of }: { of: string }): ReactNode {
  const { t } = useTranslation("lending_book");
  return <Pill tone={TONES[of] ?? "plain"}>{t(`level.${of}`, { defaultValue: of })}</Pill>;
}

interface Sums { asset: string; loans: number; debt: string; value: string }

function useSums<T extends Sums>(): Column<T>[] {
  const { t } = useTranslation("lending_book");
  return [
    { key: "asset", title: t("col.asset"), cell: (row) => row.asset, csv: (row) => row.asset },
    { key: "loans", title: t("col.loans"), end: true, cell: (row) => row.loans, csv: (row) => String(row.loans) },
    { key: "debt", title: t("col.debt"), end: true, cell: (row) => <Amount value={row.debt} />, csv: (row) => row.debt },
    { key: "value", title: t("col.value"), end: true, cell: (row) => <Amount value={row.value} />, csv: (row) => row.value },
    { key: "ltv", title: t("col.ltv"), end: true, csv: (row) => (isZero(row.value) ? null : ratio(row.debt, row.value, 6)),
      cell: (row) => (isZero(row.value) ? <span className="dim">–</span> : <Percent share={ratio(row.debt, row.value, 6)} />) },
  ];
}

export function Levels({ rows }: { rows: Book["levels"] }): ReactNode {
  const { t } = useTranslation("lending_book");
  const sums = useSums<Book["levels"][number]>();
  return <Table name={t("book.levels")} rows={rows} rowKey={(row) => `${row.asset} ${row.level}`} file="loans-by-level"
    columns={[{ key: "level", title: t("col.level"), cell: (row) => <Level of={row.level} />, csv: (row) => row.level }, ...sums]} />;
}

export function Products({ rows }: { rows: Book["products"] }): ReactNode {
  const { t } = useTranslation("lending_book");
  const sums = useSums<Book["products"][number]>();
  return <Table name={t("book.products")} rows={rows} rowKey={(row) => `${row.product_id} ${String(row.version)}`} file="loans-by-product" columns={[
    { key: "name", title: t("col.product"), cell: (row) => <strong>{row.name}</strong>, csv: (row) => row.name },
    { key: "version", title: t("col.version"), end: true, cell: (row) => row.version, csv: (row) => String(row.version) },
    ...sums,
    { key: "principal", title: t("col.principal"), end: true, cell: (row) => <Amount value={row.principal} />, csv: (row) => row.principal },
    { key: "interest", title: t("col.interest"), end: true, cell: (row) => <Amount value={row.interest} />, csv: (row) => row.interest },
    { key: "fees", title: t("col.fees"), end: true, cell: (row) => <Amount value={row.fees} />, csv: (row) => row.fees },
  ]} />;
}

export function Pledged({ rows }: { rows: Book["collateral"] }): ReactNode {
  const { t } = useTranslation("lending_book");
  return <Table name={t("book.collateral")} rows={rows} rowKey={(row) => `${row.asset}-${row.quote}`} file="collateral" columns={[
    { key: "asset", title: t("col.collateral"), cell: (row) => <strong>{row.asset}</strong>, csv: (row) => row.asset },
    { key: "quote", title: t("col.lent"), cell: (row) => row.quote, csv: (row) => row.quote },
    { key: "quantity", title: t("col.quantity"), end: true, cell: (row) => <Amount value={row.quantity} />, csv: (row) => row.quantity },
    { key: "price", title: t("col.price"), end: true, cell: (row) => <Amount value={row.price} />, csv: (row) => row.price },
    { key: "state", title: t("col.state"), csv: (row) => row.state, cell: (row) => (
      <Pill tone={row.state === "NORMAL" ? "good" : "warn"}>{row.state ?? t("book.no_price")}</Pill>
    ) },
    { key: "value", title: t("col.value"), end: true, cell: (row) => <Amount value={row.value} asset={row.quote} />, csv: (row) => row.value },
  ]} />;
}

export function Funding({ rows }: { rows: Book["funding"] }): ReactNode {
  const { t } = useTranslation("lending_book");
  return <Table name={t("book.funding")} rows={rows} rowKey={(row) => row.id} file="funding-lines" columns={[
    { key: "name", title: t("col.line"), cell: (row) => <Link to={`/lending/funding/${row.id}`}><strong>{row.name}</strong></Link>, csv: (row) => row.name },
    { key: "source", title: t("col.source"), cell: sourceOf, csv: (row) => row.source },
    { key: "asset", title: t("col.asset"), cell: (row) => row.asset, csv: (row) => row.asset },
    { key: "used", title: t("col.used"), end: true, cell: (row) => <Used of={row} />, csv: usedOf },
    { key: "drawn", title: t("col.drawn"), end: true, cell: (row) => <Amount value={row.drawn} />, csv: (row) => row.drawn },
    { key: "free", title: t("col.free"), end: true, cell: (row) => <Amount value={row.free} />, csv: (row) => row.free },
    { key: "limit", title: t("col.limit"), end: true, cell: (row) => <Amount value={row.limit} />, csv: (row) => row.limit },
    { key: "rate", title: t("col.rate"), end: true, cell: (row) => <Percent share={row.rate} />, csv: (row) => row.rate },
    { key: "accrued", title: t("col.accrued"), end: true, cell: (row) => <Amount value={row.accrued} />, csv: (row) => row.accrued },
    { key: "through", title: t("col.through"), cell: (row) => row.accrued_through, csv: (row) => row.accrued_through },
  ]} />;
}

export function Selling({ rows }: { rows: Book["selling"] }): ReactNode {
  const { t } = useTranslation("lending_book");
  return <Table name={t("book.selling")} rows={rows} rowKey={(row) => row.asset} columns={[
    { key: "asset", title: t("col.asset"), cell: (row) => row.asset },
    { key: "loans", title: t("col.loans"), end: true, cell: (row) => row.loans },
    { key: "debt", title: t("col.debt"), end: true, cell: (row) => <Amount value={row.debt} /> },
  ]} />;
}

/** As the ledger has it: what was earned is positive, what was spent negative. */
export function Earned({ rows }: { rows: Book["earned"] }): ReactNode {
  const { t } = useTranslation("lending_book");
  const name = (row: Book["earned"][number]): string => t(`account.${row.account.replace(".", "_")}`, { defaultValue: row.account });
  return <Table name={t("book.earned")} rows={rows} rowKey={(row) => `${row.account} ${row.asset}`} file="lending-earned" columns={[
    { key: "account", title: t("col.account"), cell: name, csv: (row) => row.account },
    { key: "asset", title: t("col.asset"), cell: (row) => row.asset, csv: (row) => row.asset },
    { key: "amount", title: t("col.amount"), end: true, cell: (row) => <Change value={row.amount} />, csv: (row) => row.amount },
  ]} />;
}
