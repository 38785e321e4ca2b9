// Breaks, filtered by the server; without a state those that are not closed.

import { useState, type ReactNode } from "react";
import { useTranslation } from "react-i18next";
import { api, ask, type Schemas } from "@/api/client";
import { Select, TextField } from "@/kit/fields";
import { Empty } from "@/kit/states";
import { Listed, usePages } from "../parts/pages";
import { BreakTable } from "./BreakTable";
import { CLASSES, SOURCES, STATES, type BreakState } from "./words";

interface Filter {
  status: BreakState | null;
  source: string | null;
  class: Schemas["BreakClass"] | null;
  date: string | null;
}

const NONE: Filter = { status: null, source: null, class: null, date: null };
const EVERY_MS = 10_000;

export function Breaks(): ReactNode {
  const { t } = useTranslation("finance");
  const [filter, setFilter] = useState(NONE);
  const pages = usePages(
    ["finance", "breaks", filter],
    (cursor) => ask(api.GET("/v1/reconciliation/breaks", { params: { query: { ...filter, cursor, limit: 50 } } })),
    () => EVERY_MS,
  );
  return (
    <div className="stack">
      <Filters filter={filter} change={(part) => { setFilter((before) => ({ ...before, ...part })); }} />
      <Listed pages={pages} empty={<Empty title={t(Object.values(filter).every((wish) => wish === null) ? "breaks.none" : "breaks.none_such")} />}>
        {(rows) => <BreakTable rows={rows} file="breaks" />}
      </Listed>
    </div>
  );
}

function Filters({ filter, change }: { filter: Filter; change: (part: Partial<Filter>) => void }): ReactNode {
  const { t } = useTranslation("finance");
  const any = { id: "", text: t("any") };
  return (
    <div className="finance-form">
      <Select label={t("column.state")} value={filter.status ?? ""} onChange={(id) => { change({ status: STATES.find((known) => known === id) ?? null }); }}
        choices={[{ id: "", text: t("breaks.live") }, ...STATES.map((id) => ({ id, text: t(`break_status.${id}`) }))]} />
      <Select label={t("runs.source")} value={filter.source ?? ""} onChange={(id) => { change({ source: id === "" ? null : id }); }}
        choices={[any, ...SOURCES.map((id) => ({ id, text: t(`recon_source.${id}`) }))]} />
      <Select label={t("breaks.class")} value={filter.class ?? ""} onChange={(id) => { change({ class: CLASSES.find((known) => known === id) ?? null }); }}
        choices={[any, ...CLASSES.map((id) => ({ id, text: t(`break_class.${id}.name`) }))]} />
      <TextField label={t("breaks.date")} type="date" value={filter.date ?? ""} onChange={(date) => { change({ date: date === "" ? null : date }); }} />
    </div>
  );
}
