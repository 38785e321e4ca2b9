// Customers whose fills gain soon after: what was measured, the class that follows, and a person's decision.

import { useInfiniteQuery, useQueryClient } from "@tanstack/react-query";
import { useState, type ReactNode } from "react";
import { useTranslation } from "react-i18next";
import { api, ask, type Schemas } from "@/api/client";
import { Button } from "@/kit/Button";
import { Confirm } from "@/kit/Dialog";
import { Select, TextField } from "@/kit/fields";
import { Panel } from "@/kit/Panel";
import { Empty } from "@/kit/states";
import { Table, type Column } from "@/kit/Table";
import { Id, Pill, When } from "@/kit/values";
import { mul, toGrid } from "@/money/decimal";
import { useSession } from "@/session/session";
import { Pages } from "../Pages";

type Row = Schemas["ToxicityOut"];
type Class = Schemas["ToxicityClass"];
const CLASSES = ["normal", "wide", "slow"] as const;
const HORIZONS = ["1", "10", "60"] as const;
const TONES = { normal: "good", wide: "warn", slow: "bad" } as const;

export function Toxicity(): ReactNode {
  const { t } = useTranslation("treasury");
  const [only, setOnly] = useState<Class | "all">("all");
  const [deciding, setDeciding] = useState<Row | null>(null);
  const query = useInfiniteQuery({
    queryKey: ["controls", "toxicity", only], initialPageParam: null as string | null, getNextPageParam: (page: Schemas["Page_ToxicityOut_"]) => page.next_cursor,
    queryFn: ({ pageParam }) => ask(api.GET("/v1/controls/toxicity", { params: { query: { cursor: pageParam, class: only === "all" ? null : only } } })),
  });
  const columns = useColumns(setDeciding);
  return (
    <Panel title={t("toxicity.title")}>
      <div className="stack">
        <p className="dim">{t("toxicity.note")}</p>
        <div className="treasury-filters">
          <Select label={t("toxicity.class")} value={only} onChange={(id) => { setOnly(id as Class | "all"); }}
            choices={[{ id: "all", text: t("word.all") }, ...CLASSES.map((id) => ({ id, text: t(`toxicity.classes.${id}`) }))]} />
        </div>
        <Pages query={query} empty={<Empty title={t("toxicity.none")} />}>
          {(rows) => <Table name={t("toxicity.title")} columns={columns} rows={rows} rowKey={(row) => row.customer_id} file="toxicity" />}
        </Pages>
      </div>
      {deciding !== null && <Decide row={deciding} onClose={() => { setDeciding(null); }} />}
    </Panel>
  );
}

function useColumns(decide: (row: Row) => void): Column<Row>[] {
  const { t } = useTranslation("treasury");
  const { may } = useSession();
  return [
    { key: "customer", title: t("controls.scope.customer"), cell: (row) => <Id value={row.customer_id} />, csv: (row) => row.customer_id },
    { key: "class", title: t("toxicity.class"), cell: (row) => <Pill tone={TONES[row.class]}>{t(`toxicity.classes.${row.class}`)}</Pill>, csv: (row) => row.class },
    { key: "measured", title: t("toxicity.measured"), cell: (row) => t(`toxicity.classes.${row.measured_class}`), csv: (row) => row.measured_class },
    { key: "fills", title: t("revenue.col.fills"), end: true, cell: (row) => row.fills, csv: (row) => String(row.fills) },
    ...HORIZONS.map((seconds): Column<Row> => ({
      key: seconds, title: t("toxicity.horizon", { seconds }), end: true, csv: (row) => score(row, seconds, "low"),
      cell: (row) => t("toxicity.score", { mean: basis(score(row, seconds, "mean")), low: basis(score(row, seconds, "low")) }),
    })),
    { key: "override", title: t("toxicity.decided"), wrap: true, csv: (row) => row.override_reason,
      cell: (row) => (row.override_reason === null ? t("toxicity.follows") : row.override_reason) },
    { key: "at", title: t("toxicity.updated"), cell: (row) => <When at={row.updated_at} />, csv: (row) => row.updated_at },
    ...(may("controls:write") ? [{ key: "act", title: t("controls.act"), cell: (row: Row) => <Button onPress={() => { decide(row); }}>{t("toxicity.decide")}</Button> }] : []),
  ];
}

function score(row: Row, horizon: string, which: "mean" | "low"): string {
  const value = row.scores[horizon]?.[which];
  return typeof value === "string" ? value : "0";
}

/** A fraction in basis points. */
const basis = (fraction: string): string => toGrid(mul(fraction, "10000"), "0.01");

function Decide({ row, onClose }: { row: Row; onClose: () => void }): ReactNode {
  const { t } = useTranslation("treasury");
  const client = useQueryClient();
  const [chosen, setChosen] = useState<Class | "follow">(row.override_reason === null ? "wide" : "follow");
  const [reason, setReason] = useState("");
  const act = async (): Promise<void> => {
    const body = { class: chosen === "follow" ? null : chosen, reason };
    await ask(api.PUT("/v1/controls/toxicity/{id}", { params: { path: { id: row.customer_id } }, body }));
    await client.invalidateQueries({ queryKey: ["controls"] });
  };
  return (
    <Confirm title={t("toxicity.decide_title")} isOpen onClose={onClose} act={act} verb={t("toxicity.decide")}>
      <p>{t("controls.scope.customer")} <Id value={row.customer_id} /></p>
      <Select label={t("toxicity.class")} value={chosen} onChange={(id) => { setChosen(id as Class | "follow"); }}
        choices={[{ id: "follow", text: t("toxicity.follow") }, ...CLASSES.map((id) => ({ id, text: t(`toxicity.classes.${id}`) }))]} />
      <p>{t(`toxicity.does.${chosen}`)}</p>
      <TextField label={t("controls.reason")} value={reason} onChange={setReason} />
    </Confirm>
  );
}
