// One journal: what it means, its lines with their sum of zero per asset, and the event it comes from.

import { useQuery } from "@tanstack/react-query";
import type { ReactNode } from "react";
import { useTranslation } from "react-i18next";
import { Link, useParams } from "react-router";
import { api, ask, type Schemas } from "@/api/client";
import { Panel } from "@/kit/Panel";
import { Loaded } from "@/kit/states";
import { Table, type Column } from "@/kit/Table";
import { Amount, Change, Facts, Id, Pill, When } from "@/kit/values";
import { isZero, total } from "@/money/decimal";
import { Frame } from "../parts/Frame";
import { AccountLink, AccountPath, Copyable, JournalLink, Record, Who } from "../parts/values";
import { useKind, useMeaning } from "./meaning";
import { sourceOf } from "./source";

type Journal = Schemas["JournalOut"];
type Line = Schemas["JournalLineOut"];

export default function JournalScreen(): ReactNode {
  const { t } = useTranslation("finance");
  const { id = "" } = useParams();
  const query = useQuery({
    queryKey: ["finance", "journal", id],
    queryFn: () => ask(api.GET("/v1/ledger/journals/{id}", { params: { path: { id } } })),
  });
  return (
    <Frame title={t("rooms.one_journal")} aside={<Link to="/finance/journal">{t("journal.back")}</Link>}>
      <Loaded query={query} lines={10}>{(journal) => <Whole journal={journal} />}</Loaded>
    </Frame>
  );
}

function Whole({ journal }: { journal: Journal }): ReactNode {
  const { t } = useTranslation("finance");
  const meaning = useMeaning();
  return (
    <>
      <Panel title={t("journal.meaning")}><p>{meaning(journal)}{journal.kind === "trade" && ` ${t("meaning.trade_note")}`}</p></Panel>
      <Panel title={t("journal.lines")}>
        <div className="stack">
          <Lines lines={journal.lines} />
          <Sums lines={journal.lines} />
        </div>
      </Panel>
      <div className="grid">
        <Panel title={t("journal.head")}><Head journal={journal} /></Panel>
        <Panel title={t("journal.source")}><SourceEvent journal={journal} /></Panel>
        <Panel title={t("journal.explanation")}><Record of={journal.meta} /></Panel>
      </div>
    </>
  );
}

function Lines({ lines }: { lines: readonly Line[] }): ReactNode {
  const { t } = useTranslation("finance");
  const columns: readonly Column<Line>[] = [
    { key: "line", title: t("journal.line"), end: true, csv: (row) => String(row.line), cell: (row) => row.line },
    { key: "path", title: t("column.account"), csv: (row) => row.path, cell: (row) => <AccountLink id={row.account_id}><AccountPath path={row.path} /></AccountLink> },
    { key: "side", title: t("journal.side"), csv: (row) => (row.amount.startsWith("-") ? "debit" : "credit"), cell: (row) => t(row.amount.startsWith("-") ? "journal.debit" : "journal.credit") },
    { key: "amount", title: t("column.amount"), end: true, csv: (row) => row.amount, cell: (row) => <Change value={row.amount} /> },
    { key: "asset", title: t("column.asset"), csv: (row) => row.asset, cell: (row) => row.asset },
    { key: "held", title: t("journal.held"), end: true, csv: (row) => row.held_delta, cell: (row) => (isZero(row.held_delta) ? <span className="dim">–</span> : <Amount value={row.held_delta} />) },
    { key: "hold", title: t("journal.hold"), csv: (row) => row.hold_id, cell: (row) => (row.hold_id === null ? <span className="dim">–</span> : <Id value={row.hold_id} />) },
  ];
  return <Table name={t("journal.lines")} columns={columns} rows={lines} rowKey={(row) => String(row.line)} file="journal" />;
}

/** The proof on the page: what the lines shown above add up to. */
function Sums({ lines }: { lines: readonly Line[] }): ReactNode {
  const { t } = useTranslation("finance");
  const assets = [...new Set(lines.map((line) => line.asset))];
  return (
    <div className="row">
      <span className="dim">{t("journal.sum")}</span>
      {assets.map((asset) => {
        const sum = total(lines.filter((line) => line.asset === asset).map((line) => line.amount));
        return <Pill key={asset} tone={isZero(sum) ? "good" : "bad"}>{asset} {sum}</Pill>;
      })}
    </div>
  );
}

function Head({ journal }: { journal: Journal }): ReactNode {
  const { t } = useTranslation("finance");
  const kind = useKind();
  const rows: [string, ReactNode][] = [
    [t("column.id"), <Copyable key="id" value={journal.id} label={t("column.id")} />],
    [t("column.kind"), kind(journal.kind)],
    [t("column.booked"), <When key="booked" at={journal.booked_at} />],
    [t("journal.effective"), <When key="effective" at={journal.effective_at} />],
    [t("journal.actor"), <Who key="actor" id={journal.actor} />],
    [t("journal.key"), <code key="key">{journal.key ?? "–"}</code>],
  ];
  if (journal.reverses !== null) rows.push([t("journal.reverses"), <JournalLink key="reverses" id={journal.reverses} />]);
  if (journal.reversed_by !== null) rows.push([t("journal.reversed_by"), <JournalLink key="reversed" id={journal.reversed_by} />]);
  return <Facts rows={rows} />;
}

function SourceEvent({ journal }: { journal: Journal }): ReactNode {
  const { t } = useTranslation("finance");
  const source = sourceOf(journal);
  const facts = source.facts.filter(([, value]) => value !== "");
  return (
    <div className="stack">
      <p>{t(`source.${source.event}`)}</p>
      <Facts rows={facts.map(([name, value]) => [t(`source.fact.${name}`), <code key={name}>{value}</code>] as const)} />
      {source.to !== undefined && <Link to={source.to}>{t("source.open")}</Link>}
    </div>
  );
}
