// Hedges whose fate the engine is asking for, by market and side.

import type { ReactNode } from "react";
import { useTranslation } from "react-i18next";
import type { Schemas } from "@/api/client";
import { Table, type Column } from "@/kit/Table";
import { Amount } from "@/kit/values";

type Row = Schemas["UnknownOut"];

export function UnknownOrders({ rows }: { rows: readonly Row[] }): ReactNode {
  const { t } = useTranslation("treasury");
  const columns: Column<Row>[] = [
    { key: "symbol", title: t("word.market"), cell: (row) => row.symbol, csv: (row) => row.symbol },
    { key: "side", title: t("word.side"), cell: (row) => t(`side.${row.side}`), csv: (row) => row.side },
    { key: "orders", title: t("exposure.col.orders"), end: true, cell: (row) => row.orders, csv: (row) => String(row.orders) },
    { key: "quantity", title: t("exposure.col.at_most"), end: true, cell: (row) => <Amount value={row.quantity} />, csv: (row) => row.quantity },
  ];
  return (
    <div className="stack">
      <p className="dim">{t("exposure.unknown_note")}</p>
      <Table name={t("exposure.unknown")} columns={columns} rows={rows} rowKey={(row) => `${row.symbol}:${row.side}`} file="unknown-orders" />
    </div>
  );
}
