// Every balance with all that is known of it: the venue's words, ours, and what is reserved.

import { useState, type ReactNode } from "react";
import { useTranslation } from "react-i18next";
import { Age } from "@/kit/age";
import { Select } from "@/kit/fields";
import { Empty } from "@/kit/states";
import { Table, type Column } from "@/kit/Table";
import { Amount } from "@/kit/values";
import { venueName } from "@/kit/venue";
import { isZero, ratio, sub } from "@/money/decimal";
import { formatCut } from "@/money/format";
import { useSettings } from "@/settings/settings";
import type { VenueBalance } from "../reads";
import { BalanceState } from "./state";

const ALL = "all";

export function Accounts({ rows }: { rows: readonly VenueBalance[] }): ReactNode {
  const { t } = useTranslation("treasury");
  const [venue, setVenue] = useState(ALL);
  const [asset, setAsset] = useState(ALL);
  const [only, setOnly] = useState(ALL);
  const columns = useColumns();
  const shown = rows.filter((row) =>
    (venue === ALL || row.venue === venue) && (asset === ALL || row.asset === asset) && (only === ALL || row.below_line));
  const choices = (ids: string[], name: (id: string) => string): { id: string; text: string }[] =>
    [{ id: ALL, text: t("word.all") }, ...[...new Set(ids)].sort().map((id) => ({ id, text: name(id) }))];
  return (
    <div className="stack">
      <div className="treasury-filters">
        <Select label={t("word.venue")} value={venue} onChange={setVenue} choices={choices(rows.map((row) => row.venue), venueName)} />
        <Select label={t("word.asset")} value={asset} onChange={setAsset} choices={choices(rows.map((row) => row.asset), (id) => id)} />
        <Select label={t("word.state")} value={only} onChange={setOnly}
          choices={[{ id: ALL, text: t("word.all") }, { id: "low", text: t("balances.short") }]} />
      </div>
      {shown.length === 0
        ? <Empty title={t("balances.no_match")} />
        : <Table name={t("balances.accounts")} columns={columns} rows={shown} rowKey={(row) => `${row.venue}:${row.asset}`} file="venue-balances" />}
    </div>
  );
}

function useColumns(): Column<VenueBalance>[] {
  const { t } = useTranslation("treasury");
  const { settings } = useSettings();
  const amount = (key: "free" | "total" | "ledger" | "reserved" | "usable" | "warning_line"): Column<VenueBalance> =>
    ({ key, title: t(`balances.col.${key}`), end: true, cell: (row) => <Amount value={row[key]} />, csv: (row) => row[key] });
  return [
    { key: "venue", title: t("word.venue"), cell: (row) => venueName(row.venue), csv: (row) => row.venue },
    { key: "asset", title: t("word.asset"), cell: (row) => row.asset, csv: (row) => row.asset },
    amount("usable"), amount("warning_line"),
    { key: "cover", title: t("balances.col.cover"), end: true, csv: (row) => cover(row),
      cell: (row) => <Cover text={cover(row)} show={(text) => `${formatCut(text, 1, settings.language)} ×`} /> },
    { key: "state", title: t("word.state"), cell: (row) => <BalanceState row={row} />, csv: (row) => (row.below_line ? "below_line" : "ok") },
    amount("free"), amount("total"), amount("reserved"), amount("ledger"),
    { key: "difference", title: t("balances.col.difference"), end: true, csv: (row) => sub(row.total, row.ledger),
      cell: (row) => <Amount value={sub(row.total, row.ledger)} /> },
    { key: "age", title: t("balances.col.age"), end: true, cell: (row) => <Age at={row.reported_at} />, csv: (row) => row.reported_at },
  ];
}

/** How often the line fits into what is usable. */
function cover(row: VenueBalance): string | null {
  return isZero(row.warning_line) ? null : ratio(row.usable, row.warning_line, 2);
}

function Cover({ text, show }: { text: string | null; show: (text: string) => string }): ReactNode {
  return text === null ? <span className="dim">–</span> : <span className="number">{show(text)}</span>;
}
