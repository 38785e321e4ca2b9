// How much may be traded: per order and day of a customer, and on its way to a venue.

import { useQueryClient } from "@tanstack/react-query";
import { useState, type ReactNode } from "react";
import { useTranslation } from "react-i18next";
import { api, ask, type Schemas } from "@/api/client";
import { Button } from "@/kit/Button";
import { Confirm } from "@/kit/Dialog";
import { AmountField, Select } from "@/kit/fields";
import { Panel } from "@/kit/Panel";
import { Empty } from "@/kit/states";
import { Table, type Column } from "@/kit/Table";
import { Amount, When } from "@/kit/values";
import { canonical, isDecimal } from "@/money/decimal";
import { useSession } from "@/session/session";
import type { Controls } from "../reads";
import { Reach, TargetField } from "./Target";

type Row = Schemas["LimitsOut"];
type Draft = { scope: "customer" | "venue"; target: string; per_order: string; per_day: string; outstanding: string };

const EMPTY: Draft = { scope: "customer", target: "", per_order: "", per_day: "", outstanding: "" };
const draftOf = (row: Row): Draft => ({
  scope: row.scope, target: row.target, per_order: row.per_order ?? "", per_day: row.per_day ?? "", outstanding: row.outstanding ?? "",
});
const given = (text: string): string | null => (text.trim() === "" ? null : isDecimal(text) ? canonical(text) : text);

const keptOf = (now: Controls, { scope, target }: Draft): Row | undefined => now.limits.find((row) => row.scope === scope && row.target === target.trim());

/** A row is replaced as a whole, so what it holds now stands in the fields. */
function draftFor(now: Controls, wanted: Draft): Draft {
  const kept = keptOf(now, wanted);
  return kept === undefined ? wanted : draftOf(kept);
}

export function Limits({ now }: { now: Controls }): ReactNode {
  const { t } = useTranslation("treasury");
  const { may } = useSession();
  const [draft, setDraft] = useState<Draft | null>(null);
  const limit = (key: "per_order" | "per_day" | "outstanding"): Column<Row> =>
    ({ key, title: t(`limits.${key}`), end: true, csv: (row) => row[key], cell: (row) => (row[key] === null ? <span className="dim">{t("limits.free")}</span> : <Amount value={row[key]} />) });
  const columns: Column<Row>[] = [
    ...(may("controls:write") ? [{ key: "act", title: t("controls.act"), cell: (row: Row) => <Button onPress={() => { setDraft(draftOf(row)); }}>{t("limits.change")}</Button> }] : []),
    { key: "reach", title: t("controls.where"), csv: (row) => `${row.scope} ${row.target}`,
      cell: (row) => (row.target === "" ? t("limits.everybody") : <Reach scope={row.scope} target={row.target} />) },
    limit("per_order"), limit("per_day"), limit("outstanding"),
    { key: "at", title: t("limits.since"), cell: (row) => <When at={row.updated_at} />, csv: (row) => row.updated_at },
  ];
  return (
    <Panel title={t("limits.title")} actions={may("controls:write") && <Button onPress={() => { setDraft(draftFor(now, EMPTY)); }}>{t("limits.set")}</Button>}>
      {now.limits.length === 0
        ? <Empty title={t("limits.none")} />
        : <Table name={t("limits.title")} columns={columns} rows={now.limits} rowKey={(row) => `${row.scope}:${row.target}`} file="limits" />}
      {draft !== null && <Edit draft={draft} now={now} onChange={setDraft} onClose={() => { setDraft(null); }} />}
    </Panel>
  );
}

function Edit({ draft, now, onChange, onClose }: { draft: Draft; now: Controls; onChange: (draft: Draft) => void; onClose: () => void }): ReactNode {
  const { t } = useTranslation("treasury");
  const client = useQueryClient();
  const set = (part: Partial<Draft>): void => { onChange({ ...draft, ...part }); };
  const reach = (scope: Draft["scope"], target: string): void => { onChange(draftFor(now, { ...draft, scope, target })); };
  const kept = keptOf(now, draft);
  const venue = draft.scope === "venue";
  const blank = (venue ? [draft.outstanding] : [draft.per_order, draft.per_day]).every((text) => text.trim() === "");
  const act = async (): Promise<void> => {
    const amounts = venue
      ? { outstanding: given(draft.outstanding) }
      : { per_order: given(draft.per_order), per_day: given(draft.per_day) };
    await ask(api.PUT("/v1/controls/limits", { body: { scope: draft.scope, target: draft.target.trim(), ...amounts } }));
    await client.invalidateQueries({ queryKey: ["controls"] });
  };
  return (
    <Confirm title={t("limits.edit_title")} isOpen onClose={onClose} act={act} verb={t(blank ? "limits.remove" : "limits.save")} danger={blank}
      ready={!blank || kept !== undefined}>
      <p className="dim">{t("limits.note")}</p>
      <Select label={t("controls.where")} value={draft.scope} choices={(["customer", "venue"] as const).map((id) => ({ id, text: t(`controls.scope.${id}`) }))}
        onChange={(id) => { reach(id as Draft["scope"], id === "venue" ? (now.venues[0]?.venue ?? "") : ""); }} />
      <TargetField scope={draft.scope} target={draft.target} now={now} onChange={(target) => { reach(draft.scope, target); }} />
      {blank && kept !== undefined && <p className="notice warn">{t(draft.target === "" ? "limits.removes_everybody" : "limits.removes", { target: draft.target })}</p>}
      {!venue && <p className="dim">{t("limits.customer_hint")}</p>}
      {!venue && <AmountField label={t("limits.per_order")} value={draft.per_order} onChange={(text) => { set({ per_order: text }); }} />}
      {!venue && <AmountField label={t("limits.per_day")} value={draft.per_day} onChange={(text) => { set({ per_day: text }); }} />}
      {venue && <AmountField label={t("limits.outstanding")} value={draft.outstanding} onChange={(text) => { set({ outstanding: text }); }} />}
    </Confirm>
  );
}
