// Trouble at a venue, on purpose: for some calls, some time, or until it is taken away.

import { useQuery, useQueryClient } from "@tanstack/react-query";
import { useState, type ReactNode } from "react";
import { useTranslation } from "react-i18next";
import { Button } from "@/kit/Button";
import { Confirm } from "@/kit/Dialog";
import { Select } from "@/kit/fields";
import { Empty, Loaded } from "@/kit/states";
import { Table, type Column } from "@/kit/Table";
import { useToasts } from "@/kit/toasts";
import { venueName } from "@/kit/venue";
import { post, read, remove, usePrices, venuesOf, type Fault } from "./sandbox";

const KINDS = [
  "drop_before_accept", "drop_after_accept", "http_503", "http_429", "http_418", "slow", "partial_fill", "sequence_gap", "stale_book", "bad_json",
  "maintenance", "no_balance",
] as const;
const OPERATIONS = ["place", "cancel", "ask", "book", "balances", "stream", "any"] as const;
/** Faults of a venue's core strike at one operation only, whatever is named. */
const FIXED: Record<string, string> = { partial_fill: "place", no_balance: "place", sequence_gap: "stream", stale_book: "book" };
const ASKS_SILENCE = new Set(["http_429", "http_418", "http_503", "maintenance"]);
const ENDS: Record<string, object> = {
  c1: { count: 1 }, c3: { count: 3 }, c10: { count: 10 }, s10: { seconds: 10 }, s60: { seconds: 60 }, never: {},
};
const DELAYS: Record<string, number> = { "500": 500, "2000": 2000, "10000": 10_000, "30000": 30_000 };
const SILENCES: Record<string, number | null> = { none: null, "1": 1, "10": 10, "60": 60 };

export function Faults(): ReactNode {
  const { t } = useTranslation("sandbox");
  return (
    <div className="stack">
      <p className="dim">{t("faults.note")}</p>
      <Inject />
      <Active />
    </div>
  );
}

function Inject(): ReactNode {
  const { t } = useTranslation("sandbox");
  const { tell, refused } = useToasts();
  const client = useQueryClient();
  const { data: prices } = usePrices();
  const [form, setForm] = useState({ venue: "binance", kind: "drop_after_accept", operation: "place", end: "c1", delay: "2000", silence: "none" });
  const field = (key: keyof typeof form, ids: readonly string[], text: (id: string) => string, isDisabled = false): ReactNode => (
    <Select label={t(`faults.${key}`)} value={form[key]} onChange={(id) => { setForm({ ...form, [key]: id }); }} isDisabled={isDisabled} choices={ids.map((id) => ({ id, text: text(id) }))} />
  );
  const fixed = FIXED[form.kind];
  const inject = async (): Promise<void> => {
    const extra = form.kind === "slow" ? { delay_ms: DELAYS[form.delay] } : ASKS_SILENCE.has(form.kind) ? { retry_after_s: SILENCES[form.silence] } : {};
    await post<Fault>("faults", { venue: form.venue, kind: form.kind, operation: fixed ?? form.operation, ...ENDS[form.end], ...extra });
    tell(t("faults.injected"), "good");
    await client.invalidateQueries({ queryKey: ["sandbox", "faults"] });
  };
  return (
    <>
      <div className="sandbox-form">
        {field("venue", venuesOf(prices).length > 0 ? venuesOf(prices) : [form.venue], venueName)}
        {field("kind", KINDS, (id) => t(`faults.kinds.${id}`))}
        {fixed === undefined && field("operation", OPERATIONS, (id) => t(`faults.operations.${id}`))}
        {field("end", Object.keys(ENDS), (id) => t(`faults.ends.${id}`))}
        {form.kind === "slow" && field("delay", Object.keys(DELAYS), (id) => `${id} ms`)}
        {ASKS_SILENCE.has(form.kind) && field("silence", Object.keys(SILENCES), (id) => t(`faults.silences.${id}`))}
        <Button kind="danger" onPress={() => { inject().catch(refused); }}>{t("faults.inject")}</Button>
      </div>
      <p>{t(`faults.does.${form.kind}`)}</p>
    </>
  );
}

function Active(): ReactNode {
  const { t } = useTranslation("sandbox");
  const { refused } = useToasts();
  const client = useQueryClient();
  const query = useQuery({ queryKey: ["sandbox", "faults"], refetchInterval: 1_000, queryFn: async () => (await read<{ items: Fault[] }>("faults")).items });
  const take = async (id: string): Promise<void> => {
    await remove(`faults/${id}`);
    await client.invalidateQueries({ queryKey: ["sandbox", "faults"] });
  };
  const columns: Column<Fault>[] = [
    { key: "venue", title: t("word.venue"), cell: (row) => venueName(row.venue), csv: (row) => row.venue },
    { key: "kind", title: t("faults.kind"), cell: (row) => t(`faults.kinds.${row.kind}`), csv: (row) => row.kind },
    { key: "operation", title: t("faults.operation"), cell: (row) => t(`faults.operations.${row.operation}`), csv: (row) => row.operation },
    { key: "hits", title: t("faults.hits"), end: true, csv: (row) => String(row.hits), cell: (row) => (row.count === null ? row.hits : t("faults.hits_of", { hits: row.hits, count: row.count })) },
    { key: "delay", title: t("faults.delay"), end: true, cell: (row) => (row.delay_ms === 0 ? "–" : `${String(row.delay_ms)} ms`) },
    { key: "silence", title: t("faults.silence"), end: true, cell: (row) => (row.retry_after_s === null ? "–" : `${String(row.retry_after_s)} s`) },
    { key: "act", title: t("word.act"), cell: (row) => <Button onPress={() => { take(row.id).catch(refused); }}>{t("faults.remove")}</Button> },
  ];
  return (
    <>
      <Loaded query={query} lines={2} empty={<Empty title={t("faults.none")} />}>
        {(rows) => <Table name={t("faults.active")} columns={columns} rows={rows} rowKey={(row) => row.id} />}
      </Loaded>
      <Reset />
    </>
  );
}

function Reset(): ReactNode {
  const { t } = useTranslation("sandbox");
  const { tell } = useToasts();
  const client = useQueryClient();
  const [asking, setAsking] = useState(false);
  const act = async (): Promise<void> => {
    await post("reset", {});
    tell(t("faults.was_reset"), "good");
    await client.invalidateQueries({ queryKey: ["sandbox"] });
  };
  return (
    <div>
      <Button onPress={() => { setAsking(true); }}>{t("faults.reset")}</Button>
      <Confirm title={t("faults.reset_title")} isOpen={asking} onClose={() => { setAsking(false); }} act={act} verb={t("faults.reset")}>
        <p>{t("faults.reset_words")}</p>
      </Confirm>
    </div>
  );
}
