// The equation of each asset, and the positions that fees left with the house.

import type { ReactNode } from "react";
import { useTranslation } from "react-i18next";
import type { Schemas } from "@/api/client";
import { Table, type Column } from "@/kit/Table";
import { Amount, Change, Pill } from "@/kit/values";
import { isZero } from "@/money/decimal";

type Row = Schemas["AssetExposureOut"];

export function Books({ rows }: { rows: readonly Row[] }): ReactNode {
  const { t } = useTranslation("treasury");
  const amount = (key: "custody" | "outside" | "customers" | "capital" | "earned" | "spent" | "other"): Column<Row> =>
    ({ key, title: t(`exposure.col.${key}`), end: true, cell: (row) => <Amount value={row[key]} />, csv: (row) => row[key] });
  const columns: Column<Row>[] = [
    { key: "asset", title: t("word.asset"), cell: (row) => <strong>{row.asset}</strong>, csv: (row) => row.asset },
    { key: "trading", title: t("exposure.col.trading"), end: true, csv: (row) => row.trading,
      cell: (row) => <><Amount value={row.trading} /> <Pill tone={isZero(row.trading) ? "good" : "bad"}>{t(isZero(row.trading) ? "exposure.zero" : "exposure.open")}</Pill></> },
    amount("custody"), amount("outside"), amount("customers"), amount("capital"), amount("earned"), amount("spent"), amount("other"),
  ];
  return (
    <div className="stack">
      <p className="dim">{t("exposure.equation")}</p>
      <Table name={t("exposure.books")} columns={columns} rows={rows} rowKey={(row) => row.asset} file="exposure" />
    </div>
  );
}

export function Positions({ rows, currency }: { rows: readonly Row[]; currency: string }): ReactNode {
  const { t } = useTranslation("treasury");
  const columns: Column<Row>[] = [
    { key: "asset", title: t("word.asset"), cell: (row) => <strong>{row.asset}</strong>, csv: (row) => row.asset },
    { key: "position", title: t("exposure.col.position"), end: true, cell: (row) => <Change value={row.position} />, csv: (row) => row.position },
    { key: "price", title: t("exposure.col.price", { currency }), end: true, cell: (row) => <Amount value={row.price} />, csv: (row) => row.price },
    { key: "cost", title: t("exposure.col.cost", { currency }), end: true, cell: (row) => <Amount value={row.cost} />, csv: (row) => row.cost },
    { key: "realised", title: t("exposure.col.realised", { currency }), end: true, csv: (row) => row.realised,
      cell: (row) => <Change value={row.realised} max={8} /> },
    { key: "unrealised", title: t("exposure.col.unrealised", { currency }), end: true, csv: (row) => row.unrealised,
      cell: (row) => (row.unrealised === null ? <span className="dim">{t("exposure.no_price")}</span> : <Change value={row.unrealised} max={8} />) },
  ];
  return (
    <div className="stack">
      <p className="dim">{t("exposure.positions_note")}</p>
      <Table name={t("exposure.positions")} columns={columns} rows={rows} rowKey={(row) => row.asset} file="house-positions" />
    </div>
  );
}
