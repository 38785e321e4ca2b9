// Revenue by group, and the same amounts as the ledger has them.

import type { ReactNode } from "react";
import { useTranslation } from "react-i18next";
import type { Schemas } from "@/api/client";
import { Table, type Column } from "@/kit/Table";
import { Amount, Change, Percent, Pill } from "@/kit/values";
import { venueName } from "@/kit/venue";
import { add, isZero, ratio } from "@/money/decimal";

type Group = Schemas["RevenueRowOut"];
type Asset = Schemas["AssetRevenueOut"];
type Unbooked = Schemas["UnbookedFeeOut"];

/** Which part of what customers paid is left after the venues. */
function margin(row: Group): string | null {
  const gross = add(row.trade_fees, row.spread);
  return isZero(gross) ? null : ratio(row.net, gross, 8);
}

function Margin({ row }: { row: Group }): ReactNode {
  const share = margin(row);
  return share === null ? <span className="dim">–</span> : <Percent share={share} places={4} />;
}

export function Groups({ by, rows }: { by: "day" | "venue" | "symbol"; rows: readonly Group[] }): ReactNode {
  const { t } = useTranslation("treasury");
  const worth = (key: "volume" | "trade_fees" | "spread" | "venue_fees"): Column<Group> =>
    ({ key, title: t(`revenue.col.${key}`), end: true, cell: (row) => <Amount value={row[key]} />, csv: (row) => row[key] });
  const columns: Column<Group>[] = [
    { key: "key", title: t(`revenue.group.${by}`), cell: (row) => (by === "venue" ? venueName(row.key) : row.key), csv: (row) => row.key },
    { key: "fills", title: t("revenue.col.fills"), end: true, cell: (row) => row.fills, csv: (row) => String(row.fills) },
    worth("volume"), worth("trade_fees"), worth("spread"), worth("venue_fees"),
    { key: "net", title: t("revenue.col.net"), end: true, cell: (row) => <Change value={row.net} max={8} />, csv: (row) => row.net },
    { key: "margin", title: t("revenue.margin"), end: true, cell: (row) => <Margin row={row} />, csv: margin },
    { key: "without_worth", title: t("revenue.col.without_worth"), end: true, csv: (row) => String(row.without_worth),
      cell: (row) => (row.without_worth === 0 ? "0" : <Pill tone="warn">{String(row.without_worth)}</Pill>) },
  ];
  return <Table name={t(`revenue.title.${by}`)} columns={columns} rows={rows} rowKey={(row) => row.key} file={`revenue-by-${by}`} />;
}

export function Ledger({ rows }: { rows: readonly Asset[] }): ReactNode {
  const { t } = useTranslation("treasury");
  const pair = (name: "trade_fee" | "spread" | "venue_fee"): Column<Asset>[] => ([name, `ledger_${name}`] as const).map((key) => (
    { key, title: t(`revenue.col.${key}`), end: true, cell: (row) => <Amount value={row[key]} />, csv: (row) => row[key] }
  ));
  const columns: Column<Asset>[] = [
    { key: "asset", title: t("word.asset"), cell: (row) => <strong>{row.asset}</strong>, csv: (row) => row.asset },
    { key: "agrees", title: t("revenue.agrees"), csv: (row) => String(row.agrees),
      cell: (row) => <Pill tone={row.agrees ? "good" : "bad"}>{t(row.agrees ? "revenue.same" : "revenue.differs")}</Pill> },
    ...pair("trade_fee"), ...pair("spread"), ...pair("venue_fee"),
  ];
  return (
    <div className="stack">
      <p className="dim">{t("revenue.ledger_note")}</p>
      <Table name={t("revenue.ledger")} columns={columns} rows={rows} rowKey={(row) => row.asset} file="revenue-ledger" />
    </div>
  );
}

export function Unbooked({ rows }: { rows: readonly Unbooked[] }): ReactNode {
  const { t } = useTranslation("treasury");
  const columns: Column<Unbooked>[] = [
    { key: "venue", title: t("word.venue"), cell: (row) => venueName(row.venue), csv: (row) => row.venue },
    { key: "asset", title: t("word.asset"), cell: (row) => row.asset, csv: (row) => row.asset },
    { key: "amount", title: t("word.amount"), end: true, cell: (row) => <Amount value={row.amount} />, csv: (row) => row.amount },
    { key: "trades", title: t("revenue.col.fills"), end: true, cell: (row) => row.trades, csv: (row) => String(row.trades) },
  ];
  return <Table name={t("revenue.unbooked")} columns={columns} rows={rows} rowKey={(row) => `${row.venue}:${row.asset}`} file="unbooked-fees" />;
}
