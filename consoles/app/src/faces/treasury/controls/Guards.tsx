// How prices of a market are protected: its bands, how old a quote may be, how far its spread widens.

import { useQueryClient } from "@tanstack/react-query";
import { useState, type ReactNode } from "react";
import { useTranslation } from "react-i18next";
import { api, ask, type Schemas } from "@/api/client";
import { Button } from "@/kit/Button";
import { Confirm } from "@/kit/Dialog";
import { AmountField, Select } from "@/kit/fields";
import { Panel } from "@/kit/Panel";
import { Table, type Column } from "@/kit/Table";
import { Percent } from "@/kit/values";
import { canonical, isDecimal } from "@/money/decimal";
import { useSession } from "@/session/session";

type Row = Schemas["GuardsOut"];
const FRACTIONS = ["band", "wide_band", "calm", "widening", "widest"] as const;
type Fraction = (typeof FRACTIONS)[number];

/** How old a quote may be at most, in milliseconds; "feed": as old as its feed allows. */
const AGES: Record<string, number | null> = { feed: null, "250": 250, "500": 500, "1000": 1000, "2000": 2000, "5000": 5000 };

export function Guards({ rows }: { rows: readonly Row[] }): ReactNode {
  const { t } = useTranslation("treasury");
  const { may } = useSession();
  const [editing, setEditing] = useState<Row | null>(null);
  const share = (key: "band" | "wide_band" | "calm" | "widest" | "volatility" | "extra_spread"): Column<Row> =>
    ({ key, title: t(`guards.${key}`), end: true, csv: (row) => row[key], cell: (row) => <Share value={row[key]} /> });
  const columns: Column<Row>[] = [
    { key: "symbol", title: t("word.market"), cell: (row) => <strong>{row.symbol}</strong>, csv: (row) => row.symbol },
    share("volatility"), share("extra_spread"), share("band"), share("wide_band"), share("calm"),
    { key: "widening", title: t("guards.widening"), end: true, cell: (row) => row.widening, csv: (row) => row.widening },
    share("widest"),
    { key: "age", title: t("guards.max_quote_age_ms"), end: true, csv: (row) => row.max_quote_age_ms?.toString(),
      cell: (row) => (row.max_quote_age_ms === null ? t("guards.feed") : `${String(row.max_quote_age_ms)} ms`) },
    ...(may("controls:write") ? [{ key: "act", title: t("controls.act"), cell: (row: Row) => <Button onPress={() => { setEditing(row); }}>{t("limits.change")}</Button> }] : []),
  ];
  return (
    <Panel title={t("guards.title")}>
      <div className="stack">
        <p className="dim">{t("guards.note")}</p>
        <Table name={t("guards.title")} columns={columns} rows={rows} rowKey={(row) => row.symbol} file="guards" />
      </div>
      {editing !== null && <Edit row={editing} onClose={() => { setEditing(null); }} />}
    </Panel>
  );
}

function Share({ value }: { value: string | null }): ReactNode {
  return value === null ? <span className="dim">–</span> : <Percent share={value} places={3} />;
}

function Edit({ row, onClose }: { row: Row; onClose: () => void }): ReactNode {
  const { t } = useTranslation("treasury");
  const client = useQueryClient();
  const [draft, setDraft] = useState<Record<Fraction, string>>(row);
  const before = row.max_quote_age_ms === null ? "feed" : String(row.max_quote_age_ms);
  const [age, setAge] = useState(before);
  const choices = [...new Set([...Object.keys(AGES), before])].map((id) => ({ id, text: id === "feed" ? t("guards.feed") : `${id} ms` }));
  const act = async (): Promise<void> => {
    const changed = Object.fromEntries(FRACTIONS.filter((key) => draft[key] !== row[key])
      .map((key) => [key, isDecimal(draft[key]) ? canonical(draft[key]) : draft[key]]));
    const body = age === before ? changed : { ...changed, max_quote_age_ms: AGES[age] ?? null };
    if (Object.keys(body).length === 0) return;
    await ask(api.PATCH("/v1/controls/markets/{symbol}", { params: { path: { symbol: row.symbol } }, body }));
    await client.invalidateQueries({ queryKey: ["controls"] });
  };
  return (
    <Confirm title={t("guards.edit_title", { symbol: row.symbol })} isOpen onClose={onClose} act={act} verb={t("limits.save")}>
      <p className="dim">{t("guards.fractions")}</p>
      {FRACTIONS.map((key) => (
        <AmountField key={key} label={t(`guards.${key}`)} value={draft[key]} onChange={(text) => { setDraft({ ...draft, [key]: text }); }} />
      ))}
      <Select label={t("guards.max_quote_age_ms")} value={age} choices={choices} onChange={setAge} />
    </Confirm>
  );
}
