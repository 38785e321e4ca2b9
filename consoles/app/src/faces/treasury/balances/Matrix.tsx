// Place × asset: what can be used there, how it stands to its lines, and for how long it lasts.

import type { ReactNode } from "react";
import { useTranslation } from "react-i18next";
import { Table, type Column } from "@/kit/Table";
import { Amount } from "@/kit/values";
import { total, type Decimal } from "@/money/decimal";
import { placeName } from "../place";
import type { Balance } from "../reads";
import { LevelPill } from "./state";

interface Line {
  asset: string;
  sum: Decimal;
  at: Record<string, Balance | undefined>;
}

function linesOf(rows: readonly Balance[]): Line[] {
  return [...new Set(rows.map((row) => row.asset))].sort().map((asset) => {
    const own = rows.filter((row) => row.asset === asset);
    return { asset, sum: total(own.map((row) => row.usable)), at: Object.fromEntries(own.map((row) => [row.location, row])) };
  });
}

export function Matrix({ rows }: { rows: readonly Balance[] }): ReactNode {
  const { t } = useTranslation("treasury");
  const places = [...new Set(rows.map((row) => row.location))].sort();
  const columns: Column<Line>[] = [
    { key: "asset", title: t("word.asset"), cell: (line) => <strong>{line.asset}</strong>, csv: (line) => line.asset },
    ...places.map((place): Column<Line> => ({
      key: place, title: placeName(place), end: true, csv: (line) => line.at[place]?.usable,
      cell: (line) => <Cell row={line.at[place]} />,
    })),
    { key: "sum", title: t("word.total"), end: true, cell: (line) => <strong><Amount value={line.sum} /></strong>, csv: (line) => line.sum },
  ];
  return <Table name={t("balances.matrix")} columns={columns} rows={linesOf(rows)} rowKey={(line) => line.asset} file="treasury-matrix" />;
}

function Cell({ row }: { row: Balance | undefined }): ReactNode {
  const { t } = useTranslation("treasury");
  if (row === undefined) return <span className="dim">–</span>;
  return (
    <span className="treasury-cell">
      <Amount value={row.usable} />
      <LevelPill row={row} />
      {row.hours_left !== null && <span className="dim">{t("balances.hours_left", { hours: row.hours_left })}</span>}
    </span>
  );
}
