// One break: both sides beside each other, what they kept, the ticket and the notes.

import { useQuery } from "@tanstack/react-query";
import type { ReactNode } from "react";
import { useTranslation } from "react-i18next";
import { Link, useParams } from "react-router";
import { api, ask, type Schemas } from "@/api/client";
import { Panel } from "@/kit/Panel";
import { Loaded } from "@/kit/states";
import { Amount, Change, Facts, Pill, When } from "@/kit/values";
import { Frame } from "../parts/Frame";
import { AccountLink, Copyable, JournalLink, Record, useDuration } from "../parts/values";
import { Notes } from "./Notes";
import { Ticket } from "./Ticket";
import { BreakStatus, type Break } from "./words";

export default function BreakScreen(): ReactNode {
  const { t } = useTranslation("finance");
  const { id = "" } = useParams();
  const query = useQuery({
    queryKey: ["finance", "break", id],
    queryFn: () => ask(api.GET("/v1/reconciliation/breaks/{id}", { params: { path: { id } } })),
    refetchInterval: 5_000,
  });
  return (
    <Frame title={t("rooms.break")} aside={<Link to="/finance/reconciliation">{t("breaks.back")}</Link>}>
      <Loaded query={query} lines={10}>{(found) => <Whole found={found} />}</Loaded>
    </Frame>
  );
}

function Whole({ found }: { found: Schemas["BreakWithNotes"] }): ReactNode {
  const { t } = useTranslation("finance");
  return (
    <>
      <Panel title={t("breaks.sides")}><Sides found={found} /></Panel>
      <div className="grid">
        <div className="stack">
          <Panel title={t("ticket.title")}><Ticket found={found} /></Panel>
          <Panel title={t("notes.title")}><Notes found={found} /></Panel>
        </div>
        <Panel title={t("breaks.head")}><Head found={found} /></Panel>
        <Panel title={t("breaks.records")}><Record of={found.raw} /></Panel>
      </div>
    </>
  );
}

function Sides({ found }: { found: Break }): ReactNode {
  const { t } = useTranslation("finance");
  return (
    <div className="stack">
      <div className="finance-sides">
        <div className="finance-side">
          <span className="dim">{t("breaks.ours_long")}</span>
          <strong>{found.ours === null ? t("breaks.not_there") : <Amount value={found.ours} asset={found.asset} />}</strong>
        </div>
        <div className="finance-side">
          <span className="dim">{t("breaks.theirs_long", { source: t(`recon_source.${found.source}`) })}</span>
          <strong>{found.theirs === null ? t("breaks.not_there") : <Amount value={found.theirs} asset={found.asset} />}</strong>
          {found.theirs_text !== null && found.theirs_text !== found.theirs && <span className="dim">{t("breaks.said")} <code>{found.theirs_text}</code></span>}
        </div>
        <div className="finance-side">
          <span className="dim">{t("breaks.drift_long")}</span>
          <strong><Change value={found.difference} asset={found.asset} /></strong>
        </div>
      </div>
      <p><strong>{t(`break_class.${found.class}.name`)}</strong> — {t(`break_class.${found.class}.why`)}</p>
    </div>
  );
}

/** Whether the amount still lies in suspense: closing the break moved it on. */
function Suspended({ found }: { found: Break }): ReactNode {
  const { t } = useTranslation("finance");
  if (!found.suspended) return t("no");
  return found.closed_at === null ? <Pill tone="warn">{t("yes")}</Pill> : t("breaks.was_suspended");
}

function Head({ found }: { found: Break }): ReactNode {
  const { t } = useTranslation("finance");
  const duration = useDuration();
  return (
    <Facts rows={[
      [t("column.state"), <BreakStatus key="status" status={found.status} />],
      [t("column.id"), <Copyable key="id" value={found.id} label={t("column.id")} />],
      [t("breaks.reference"), <code key="reference">{found.reference}</code>],
      [t("runs.source"), t(`recon_source.${found.source}`)],
      [t("runs.level"), t(`level.${found.level}.name`)],
      [t("column.account"), found.account_id === null ? "–" : <AccountLink key="account" id={found.account_id}>{found.account_id}</AccountLink>],
      [t("breaks.correction"), <JournalLink key="journal" id={found.journal_id} />],
      [t("breaks.suspended"), <Suspended key="suspended" found={found} />],
      [t("breaks.age"), duration(found.age_s)],
      [t("breaks.first_seen"), <When key="first" at={found.first_seen_at} />],
      [t("breaks.last_seen"), <When key="last" at={found.last_seen_at} />],
      [t("breaks.times"), found.times],
      [t("breaks.closed"), <When key="closed" at={found.closed_at} />],
      [t("rooms.run"), <Link key="run" to={`/finance/reconciliation/runs/${found.run_id}`}>{t("breaks.to_run")}</Link>],
    ]} />
  );
}
