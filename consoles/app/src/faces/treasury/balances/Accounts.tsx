// Every balance with all that is known of it: what the place says, our books, its line, and the way to its history.

import { useState, type ReactNode } from "react";
import { useTranslation } from "react-i18next";
import { Age } from "@/kit/age";
import { Button } from "@/kit/Button";
import { Select } from "@/kit/fields";
import { Empty } from "@/kit/states";
import { Table, type Column } from "@/kit/Table";
import { Amount } from "@/kit/values";
import { useSession } from "@/session/session";
import { placeName } from "../place";
import type { Balance } from "../reads";
import { History } from "./History";
import { LineDialog } from "./LineDialog";
import { LevelPill } from "./state";

const ALL = "all";
type Open = { what: "line" | "history"; row: Balance };

export function Accounts({ rows }: { rows: readonly Balance[] }): ReactNode {
  const { t } = useTranslation("treasury");
  const [place, setPlace] = useState(ALL);
  const [asset, setAsset] = useState(ALL);
  const [level, setLevel] = useState(ALL);
  const [open, setOpen] = useState<Open | null>(null);
  const columns = useColumns(setOpen);
  const shown = rows.filter((row) =>
    (place === ALL || row.location === place) && (asset === ALL || row.asset === asset) && (level === ALL || row.level === level));
  const choices = (ids: string[], name: (id: string) => string): { id: string; text: string }[] =>
    [{ id: ALL, text: t("word.all") }, ...[...new Set(ids)].sort().map((id) => ({ id, text: name(id) }))];
  const close = (): void => { setOpen(null); };
  return (
    <div className="stack">
      <div className="treasury-filters">
        <Select label={t("word.place")} value={place} onChange={setPlace} choices={choices(rows.map((row) => row.location), placeName)} />
        <Select label={t("word.asset")} value={asset} onChange={setAsset} choices={choices(rows.map((row) => row.asset), (id) => id)} />
        <Select label={t("word.state")} value={level} onChange={setLevel}
          choices={choices(["ok", "warning", "critical", "unknown"], (id) => t(`balances.level.${id}`))} />
      </div>
      {shown.length === 0
        ? <Empty title={t("balances.no_match")} />
        : <div className="deeds-last"><Table name={t("balances.accounts")} columns={columns} rows={shown} rowKey={(row) => `${row.location}:${row.asset}`} file="treasury-balances" /></div>}
      {open?.what === "line" && <LineDialog row={open.row} onClose={close} />}
      {open?.what === "history" && <History row={open.row} onClose={close} />}
    </div>
  );
}

function useColumns(open: (what: Open) => void): Column<Balance>[] {
  const { t } = useTranslation("treasury");
  const { may } = useSession();
  const amount = (key: "reported" | "free" | "ledger" | "difference" | "reserved" | "usable" | "in_transit" | "warning" | "critical"): Column<Balance> =>
    ({ key, title: t(`balances.col.${key}`), end: true, cell: (row) => <Amount value={row[key]} />, csv: (row) => row[key] });
  const name = (row: Balance): string => `${placeName(row.location)} ${row.asset}`;
  return [
    { key: "place", title: t("word.place"), cell: (row) => placeName(row.location), csv: (row) => row.location },
    { key: "asset", title: t("word.asset"), cell: (row) => row.asset, csv: (row) => row.asset },
    { key: "state", title: t("word.state"), cell: (row) => <LevelPill row={row} />, csv: (row) => row.level },
    amount("usable"), amount("warning"), amount("critical"),
    { key: "hours", title: t("balances.col.hours_left"), end: true, csv: (row) => row.hours_left,
      cell: (row) => (row.hours_left === null ? <span className="dim">–</span> : <span className="number">{row.hours_left}</span>) },
    amount("reported"), amount("ledger"), amount("difference"), amount("free"), amount("reserved"), amount("in_transit"),
    { key: "age", title: t("balances.col.age"), end: true, cell: (row) => <Age at={row.reported_at} />, csv: (row) => row.reported_at },
    { key: "act", title: t("balances.act"), cell: (row) => (
      <span className="treasury-deeds">
        <Button aria-label={t("history.of", { name: name(row) })} onPress={() => { open({ what: "history", row }); }}>{t("history.show")}</Button>
        {may("treasury:write") && <Button aria-label={t("line.of", { name: name(row) })} onPress={() => { open({ what: "line", row }); }}>{t("line.set")}</Button>}
      </span>
    ) },
  ];
}
