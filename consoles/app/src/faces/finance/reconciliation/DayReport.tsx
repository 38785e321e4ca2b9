// What finance signs off for a day: its runs, breaks by level, source and class, what rounding took of its cap, and what is still open.

import { useQuery } from "@tanstack/react-query";
import { useState, type ReactNode } from "react";
import { useTranslation } from "react-i18next";
import { api, ask, type Schemas } from "@/api/client";
import { TextField } from "@/kit/fields";
import { Panel } from "@/kit/Panel";
import { Empty, Loaded } from "@/kit/states";
import { Table, type Column } from "@/kit/Table";
import { Amount, Change, Pill } from "@/kit/values";
import { RunTable } from "./Runs";
import { BreakStatus } from "./words";

type Day = Schemas["DayOut"];

const DAY_MS = 86_400_000;
const yesterday = (): string => new Date(Date.now() - DAY_MS).toISOString().slice(0, 10);

export function DayReport(): ReactNode {
  const { t } = useTranslation("finance");
  const [date, setDate] = useState(yesterday);
  const query = useQuery({
    queryKey: ["finance", "day", date],
    queryFn: () => ask(api.GET("/v1/reconciliation/days/{date}", { params: { path: { date } } })),
    enabled: date !== "",
  });
  return (
    <div className="stack">
      <div className="finance-form">
        <TextField label={t("day.date")} type="date" value={date} onChange={setDate} />
        {query.data !== undefined && (
          <p role="status">{query.data.complete ? <Pill tone="good">{t("day.complete")}</Pill> : <Pill tone="warn">{t("day.incomplete")}</Pill>}</p>
        )}
      </div>
      <Loaded query={query} lines={8}>{(day) => <Report day={day} />}</Loaded>
    </div>
  );
}

function Report({ day }: { day: Day }): ReactNode {
  const { t } = useTranslation("finance");
  return (
    <>
      <Panel title={t("runs.title")}>{day.runs.length === 0 ? <Empty title={t("day.no_runs")} /> : <RunTable rows={day.runs} />}</Panel>
      <Panel title={t("breaks.title")}><DayBreaks rows={day.breaks} /></Panel>
      <div className="grid">
        <Panel title={t("day.rounding")}><Rounding rows={day.rounding} /></Panel>
        <Panel title={t("day.pool_suspense")}><Balances rows={[...day.pool, ...day.suspense]} /></Panel>
        <Panel title={t("day.ages")}><Ages rows={day.ages} /></Panel>
      </div>
    </>
  );
}

function DayBreaks({ rows }: { rows: Day["breaks"] }): ReactNode {
  const { t } = useTranslation("finance");
  const columns: readonly Column<Day["breaks"][number]>[] = [
    { key: "source", title: t("runs.source"), csv: (row) => row.source, cell: (row) => t(`recon_source.${row.source}`) },
    { key: "level", title: t("runs.level"), csv: (row) => row.level, cell: (row) => t(`level.${row.level}.name`) },
    { key: "class", title: t("breaks.class"), csv: (row) => row.class, cell: (row) => t(`break_class.${row.class}.name`) },
    { key: "status", title: t("column.state"), csv: (row) => row.status, cell: (row) => <BreakStatus status={row.status} /> },
    { key: "breaks", title: t("day.count"), end: true, csv: (row) => String(row.breaks), cell: (row) => row.breaks },
    { key: "amount", title: t("column.amount"), end: true, csv: (row) => row.amount, cell: (row) => <Amount value={row.amount} asset={row.asset} /> },
  ];
  if (rows.length === 0) return <Empty title={t("day.no_breaks")} />;
  return <Table name={t("breaks.title")} columns={columns} rows={rows} rowKey={(row) => [row.source, row.level, row.class, row.status, row.asset].join(":")} file="day-breaks" />;
}

function Rounding({ rows }: { rows: Day["rounding"] }): ReactNode {
  const { t } = useTranslation("finance");
  const columns: readonly Column<Day["rounding"][number]>[] = [
    { key: "asset", title: t("column.asset"), cell: (row) => row.asset },
    { key: "times", title: t("day.times"), end: true, cell: (row) => row.times },
    { key: "used", title: t("day.used"), end: true, cell: (row) => <><Amount value={row.used} /> / <Amount value={row.cap} /></> },
    { key: "net", title: t("day.net"), end: true, cell: (row) => <Change value={row.net} /> },
    { key: "drifts", title: t("day.drifts"), cell: (row) => (row.drifts ? <Pill tone="bad">{t("yes")}</Pill> : <Pill tone="good">{t("no")}</Pill>) },
  ];
  if (rows.length === 0) return <Empty title={t("day.no_rounding")} />;
  return <Table name={t("day.rounding")} columns={columns} rows={rows} rowKey={(row) => row.asset} />;
}

function Balances({ rows }: { rows: Day["pool"] }): ReactNode {
  const { t } = useTranslation("finance");
  const columns: readonly Column<Day["pool"][number]>[] = [
    { key: "path", title: t("column.account"), cell: (row) => <code>{row.path}</code> },
    { key: "posted", title: t("account.posted"), end: true, cell: (row) => <Amount value={row.posted} asset={row.asset} /> },
  ];
  if (rows.length === 0) return <Empty title={t("day.no_pool")} />;
  return <Table name={t("day.pool_suspense")} columns={columns} rows={rows} rowKey={(row) => row.path} />;
}

function Ages({ rows }: { rows: Day["ages"] }): ReactNode {
  const { t } = useTranslation("finance");
  const columns: readonly Column<Day["ages"][number]>[] = [
    { key: "age", title: t("breaks.age"), cell: (row) => row.age },
    { key: "breaks", title: t("day.count"), end: true, cell: (row) => row.breaks },
    { key: "suspended", title: t("breaks.suspended"), end: true, cell: (row) => row.suspended },
  ];
  if (rows.length === 0) return <Empty title={t("day.nothing_open")} />;
  return <Table name={t("day.ages")} columns={columns} rows={rows} rowKey={(row) => row.age} />;
}
