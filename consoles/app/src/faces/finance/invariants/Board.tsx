import { useQuery } from "@tanstack/react-query";
import type { ReactNode } from "react";
import { useTranslation } from "react-i18next";
import { Link } from "react-router";
import { api, ask, type Schemas } from "@/api/client";
import { Button } from "@/kit/Button";
import { Panel } from "@/kit/Panel";
import { Empty, Loaded } from "@/kit/states";
import { Table, type Column } from "@/kit/Table";
import { Pill } from "@/kit/values";
import { useSession } from "@/session/session";
import { Frame } from "../parts/Frame";
import { ReadAge } from "../parts/values";
import { Incidents } from "../reconciliation/Incidents";
import { FoldTiles } from "./FoldTiles";
import { NewestSeals } from "./Seals";

type Invariant = Schemas["InvariantOut"];

const EVERY_MS = 30_000; // all of them are counted anew for each look

export default function Board(): ReactNode {
  const { t } = useTranslation("finance");
  const { may } = useSession();
  return (
    <Frame title={t("rooms.invariants")} intro={t("invariants.intro")}>
      {may("ledger:read") && <FoldTiles />}
      <Invariants />
      {may("reconciliation:read") && <Panel title={t("incidents.title")}><Incidents /></Panel>}
      {may("ledger:read") && (
        <Panel title={t("seals.newest")} actions={<Link to="/finance/seals">{t("seals.all")}</Link>}><NewestSeals /></Panel>
      )}
    </Frame>
  );
}

function Invariants(): ReactNode {
  const { t } = useTranslation("finance");
  const query = useQuery({
    queryKey: ["finance", "invariants"],
    queryFn: async () => (await ask(api.GET("/v1/invariants"))).items,
    refetchInterval: EVERY_MS,
  });
  const columns = useColumns();
  const actions = (
    <>
      <ReadAge at={query.dataUpdatedAt} />
      <Button busy={query.isFetching} onPress={() => void query.refetch()}>{t("invariants.count_now")}</Button>
    </>
  );
  return (
    <Panel title={t("invariants.title")} actions={actions}>
      <Loaded query={query} lines={12} empty={<Empty title={t("invariants.none")} />}>
        {(rows) => (
          <div className="stack">
            <Verdict rows={rows} />
            <Table name={t("invariants.title")} columns={columns} rows={brokenFirst(rows)} rowKey={(row) => row.name} file="invariants" />
          </div>
        )}
      </Loaded>
    </Panel>
  );
}

const brokenFirst = (rows: readonly Invariant[]): Invariant[] => [...rows.filter((row) => !row.ok), ...rows.filter((row) => row.ok)];

function Verdict({ rows }: { rows: readonly Invariant[] }): ReactNode {
  const { t } = useTranslation("finance");
  const broken = rows.filter((row) => !row.ok).length;
  return (
    <p className="row" role="status">
      {broken === 0 ? <Pill tone="good">{t("invariants.all_hold", { all: rows.length })}</Pill> : <Pill tone="bad">{t("invariants.broken", { broken, all: rows.length })}</Pill>}
    </p>
  );
}

function useColumns(): readonly Column<Invariant>[] {
  const { t, i18n } = useTranslation("finance");
  // The server's own sentence stands in for an invariant that is newer than this page.
  const words = (row: Invariant): string => (i18n.exists(`finance:invariant.${row.name}`) ? t(`invariant.${row.name}`) : row.title);
  return [
    {
      key: "state", title: t("column.state"), csv: (row) => (row.ok ? "ok" : "broken"),
      cell: (row) => (row.ok ? <Pill tone="good">{t("invariants.ok")}</Pill> : <Pill tone="bad">{t("invariants.violated")}</Pill>),
    },
    { key: "words", title: t("invariants.says"), wrap: true, csv: words, cell: words },
    { key: "count", title: t("invariants.violations"), end: true, csv: (row) => String(row.count), cell: (row) => row.count },
    { key: "name", title: t("column.name"), csv: (row) => row.name, cell: (row) => <code>{row.name}</code> },
  ];
}
