// Venue × asset: what the next orders may take there, and which share of ours that is.

import type { ReactNode } from "react";
import { useTranslation } from "react-i18next";
import { Table, type Column } from "@/kit/Table";
import { Amount, Percent } from "@/kit/values";
import { venueName } from "@/kit/venue";
import { isZero, mul, ratio, total, type Decimal } from "@/money/decimal";
import type { VenueBalance } from "../reads";
import { BalanceState } from "./state";

interface Line {
  asset: string;
  sum: Decimal;
  at: Record<string, VenueBalance | undefined>;
}

function linesOf(rows: readonly VenueBalance[]): Line[] {
  return [...new Set(rows.map((row) => row.asset))].sort().map((asset) => {
    const own = rows.filter((row) => row.asset === asset);
    return { asset, sum: total(own.map((row) => row.usable)), at: Object.fromEntries(own.map((row) => [row.venue, row])) };
  });
}

export function Matrix({ rows }: { rows: readonly VenueBalance[] }): ReactNode {
  const { t } = useTranslation("treasury");
  const venues = [...new Set(rows.map((row) => row.venue))].sort();
  const columns: Column<Line>[] = [
    { key: "asset", title: t("word.asset"), cell: (line) => <strong>{line.asset}</strong>, csv: (line) => line.asset },
    ...venues.map((venue): Column<Line> => ({
      key: venue, title: venueName(venue), end: true, csv: (line) => line.at[venue]?.usable,
      cell: (line) => <Cell row={line.at[venue]} sum={line.sum} />,
    })),
    { key: "sum", title: t("word.total"), end: true, cell: (line) => <strong><Amount value={line.sum} /></strong>, csv: (line) => line.sum },
  ];
  return <Table name={t("balances.matrix")} columns={columns} rows={linesOf(rows)} rowKey={(line) => line.asset} file="venue-balances-matrix" />;
}

function Cell({ row, sum }: { row: VenueBalance | undefined; sum: Decimal }): ReactNode {
  const { t } = useTranslation("treasury");
  if (row === undefined) return <span className="dim">–</span>;
  const share = isZero(sum) ? "0" : ratio(row.usable, sum, 6);
  return (
    <span className="treasury-cell">
      <Amount value={row.usable} />
      <span className="dim">{t("balances.share")} <Percent share={share} places={1} /></span>
      <span className={row.below_line ? "treasury-bar bad" : "treasury-bar"} aria-hidden="true">
        <i style={{ width: `${mul(share, "100")}%` }} />
      </span>
      <BalanceState row={row} quiet />
    </span>
  );
}
