// Kill switches: those that hold, each with the way to lift it, and all there ever were.

import { useInfiniteQuery, useQueryClient } from "@tanstack/react-query";
import { useState, type ReactNode } from "react";
import { useTranslation } from "react-i18next";
import { api, ask, idempotencyKey, type Schemas } from "@/api/client";
import { Button } from "@/kit/Button";
import { Confirm } from "@/kit/Dialog";
import { TextField } from "@/kit/fields";
import { Panel } from "@/kit/Panel";
import { Empty } from "@/kit/states";
import { Table, type Column } from "@/kit/Table";
import { Id, Pill, When } from "@/kit/values";
import { useSession } from "@/session/session";
import { Pages } from "../Pages";
import type { Controls } from "../reads";
import { SwitchForm } from "./SwitchForm";
import { Reach } from "./Target";

type Switch = Schemas["ControlOut"];

export function Switches({ now }: { now: Controls }): ReactNode {
  const { t } = useTranslation("treasury");
  const { may } = useSession();
  const [lifting, setLifting] = useState<Switch | null>(null);
  const columns = useColumns();
  const act: Column<Switch> = {
    key: "act", title: t("controls.act"), cell: (row) => <Button onPress={() => { setLifting(row); }}>{t("controls.lift")}</Button>,
  };
  return (
    <div className="stack">
      <Panel title={t("controls.live")}>
        {now.switches.length === 0
          ? <Empty title={t("controls.none_live")} />
          : <Table name={t("controls.live")} columns={may("controls:write") ? [act, ...columns] : columns} rows={now.switches} rowKey={(row) => row.id} />}
      </Panel>
      {may("controls:write") && <Panel title={t("controls.stop")}><SwitchForm now={now} /></Panel>}
      {lifting !== null && <Lift held={lifting} onClose={() => { setLifting(null); }} />}
    </div>
  );
}

function useColumns(): Column<Switch>[] {
  const { t } = useTranslation("treasury");
  return [
    { key: "mode", title: t("controls.what"), cell: (row) => <Pill tone={row.lifted_at === null ? "bad" : "plain"}>{t(`controls.mode.${row.mode}`)}</Pill>, csv: (row) => row.mode },
    { key: "reach", title: t("controls.where"), cell: (row) => <Reach scope={row.scope} target={row.target} />, csv: (row) => `${row.scope} ${row.target}` },
    { key: "reason", title: t("controls.reason"), wrap: true, cell: (row) => row.reason, csv: (row) => row.reason },
    { key: "since", title: t("word.since"), cell: (row) => <When at={row.created_at} />, csv: (row) => row.created_at },
    { key: "until", title: t("controls.until"), csv: (row) => row.until, cell: (row) => (row.until === null ? t("controls.by_person") : <When at={row.until} />) },
    { key: "swept", title: t("controls.swept"), csv: (row) => String(row.cancelled), cell: (row) => <Sweep held={row} /> },
    { key: "actor", title: t("controls.actor"), cell: (row) => <Id value={row.actor} />, csv: (row) => row.actor },
  ];
}

function Sweep({ held }: { held: Switch }): ReactNode {
  const { t } = useTranslation("treasury");
  if (held.mode !== "cancel_all") return <span className="dim">–</span>;
  if (held.swept_at !== null) return t("controls.swept_done", { n: held.cancelled });
  return <Pill tone="info">{t("controls.sweeping", { n: held.cancelled })}</Pill>;
}

function Lift({ held, onClose }: { held: Switch; onClose: () => void }): ReactNode {
  const { t } = useTranslation("treasury");
  const client = useQueryClient();
  const [key, setKey] = useState(idempotencyKey);
  const [reason, setReason] = useState("");
  const act = async (): Promise<void> => {
    await ask(api.POST("/v1/controls/{id}/lift", { params: { path: { id: held.id }, header: { "Idempotency-Key": key } }, body: { reason } }));
    await client.invalidateQueries({ queryKey: ["controls"] });
  };
  return (
    <Confirm title={t("controls.lift_title")} isOpen onClose={onClose} act={act} verb={t("controls.lift")}>
      <p><strong>{t(`controls.mode.${held.mode}`)} · <Reach scope={held.scope} target={held.target} /></strong></p>
      <p>{t("controls.lift_words")}</p>
      {held.mode === "cancel_all" && <p>{t("controls.lift_cancelled")}</p>}
      <TextField label={t("controls.lift_reason")} value={reason} onChange={(text) => { setReason(text); setKey(idempotencyKey()); }} />
    </Confirm>
  );
}

export function History(): ReactNode {
  const { t } = useTranslation("treasury");
  const query = useInfiniteQuery({
    queryKey: ["controls", "history"], initialPageParam: null as string | null, getNextPageParam: (page: Schemas["Page_ControlOut_"]) => page.next_cursor,
    queryFn: ({ pageParam }) => ask(api.GET("/v1/controls/history", { params: { query: { cursor: pageParam } } })),
  });
  const columns: Column<Switch>[] = [
    ...useColumns(),
    { key: "lifted", title: t("controls.lifted"), cell: (row) => <When at={row.lifted_at} />, csv: (row) => row.lifted_at },
    { key: "by", title: t("controls.lifted_by"), csv: (row) => row.lifted_by, cell: (row) => (row.lifted_by === null ? "–" : <Id value={row.lifted_by} />) },
    { key: "why", title: t("controls.lift_reason"), wrap: true, cell: (row) => row.lift_reason ?? "–", csv: (row) => row.lift_reason },
  ];
  return (
    <Panel title={t("controls.tab.history")}>
      <Pages query={query} empty={<Empty title={t("controls.no_history")} />}>
        {(rows) => <Table name={t("controls.tab.history")} columns={columns} rows={rows} rowKey={(row) => row.id} file="kill-switches" />}
      </Pages>
    </Panel>
  );
}
