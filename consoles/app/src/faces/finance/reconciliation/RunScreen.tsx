import { useQuery } from "@tanstack/react-query";
import type { ReactNode } from "react";
import { useTranslation } from "react-i18next";
import { Link, useParams } from "react-router";
import { api, ask } from "@/api/client";
import { Panel } from "@/kit/Panel";
import { Empty, Loaded } from "@/kit/states";
import { Facts, When } from "@/kit/values";
import { Frame } from "../parts/Frame";
import { Listed, usePages } from "../parts/pages";
import { Copyable } from "../parts/values";
import { BreakTable } from "./BreakTable";
import { atWork, RunProgress, RunStatus, STATES, type BreakState, type Run } from "./words";

const SOON_MS = 700;

export default function RunScreen(): ReactNode {
  const { t } = useTranslation("finance");
  const { id = "" } = useParams();
  const query = useQuery({
    queryKey: ["finance", "run", id],
    queryFn: () => ask(api.GET("/v1/reconciliation/runs/{id}", { params: { path: { id } } })),
    refetchInterval: ({ state }) => (state.data === undefined || atWork(state.data) ? SOON_MS : false),
  });
  return (
    <Frame title={t("rooms.run")} aside={<Link to="/finance/reconciliation">{t("runs.back")}</Link>}>
      <Loaded query={query} lines={8}>
        {(run) => (
          <>
            <div className="grid">
              <Panel title={t("runs.what")}><What run={run} /></Panel>
              <Panel title={t("runs.result")}><Result run={run} /></Panel>
            </div>
            {run.breaks > 0
              ? STATES.map((state) => <BreaksOf key={state} run={run} state={state} />)
              : <Empty title={t(atWork(run) ? "runs.no_breaks_yet" : "runs.no_breaks")} />}
          </>
        )}
      </Loaded>
    </Frame>
  );
}

function What({ run }: { run: Run }): ReactNode {
  const { t } = useTranslation("finance");
  return (
    <Facts rows={[
      [t("column.id"), <Copyable key="id" value={run.id} label={t("column.id")} />],
      [t("runs.source"), t(`recon_source.${run.source}`)],
      [t("runs.level"), t(`level.${run.level}.name`)],
      [t("runs.date"), run.date ?? "–"],
      [t("runs.scope"), run.scope ?? t("runs.everything")],
      [t("runs.asked_at"), <When key="asked" at={run.created_at} />],
      [t("runs.as_of"), <When key="as_of" at={run.as_of} />],
      [t("runs.finished_at"), <When key="finished" at={run.finished_at} />],
    ]} />
  );
}

function Result({ run }: { run: Run }): ReactNode {
  const { t } = useTranslation("finance");
  return (
    <div className="stack">
      <div className="row" role="status"><RunStatus status={run.status} /><RunProgress run={run} /></div>
      {run.reason !== null && <p className="notice bad">{run.reason}</p>}
      <Facts rows={[
        [t("runs.parts"), t("runs.part_of", { part: run.part, parts: run.parts })],
        [t("runs.agreed"), run.agreed],
        [t("breaks.title"), run.breaks],
        [t("runs.levelled"), run.levelled],
        [t("runs.ticketed"), run.ticketed],
        [t("runs.rebuilt"), run.rebuilt],
      ]} />
      {atWork(run) && <p className="dim">{t("runs.survives")}</p>}
    </div>
  );
}

/** Breaks are listed by state; a state without any is not shown. */
function BreaksOf({ run, state }: { run: Run; state: BreakState }): ReactNode {
  const { t } = useTranslation("finance");
  const pages = usePages(
    ["finance", "breaks", "run", run.id, state, run.breaks],
    (cursor) => ask(api.GET("/v1/reconciliation/breaks", { params: { query: { run: run.id, status: state, cursor, limit: 50 } } })),
  );
  if (pages.query.data?.length === 0) return null;
  return (
    <Panel title={t("runs.breaks_in", { state: t(`break_status.${state}`) })}>
      <Listed pages={pages} empty={null}>{(rows) => <BreakTable rows={rows} file={`breaks-${state}`} />}</Listed>
    </Panel>
  );
}
