import type { ReactNode } from "react";
import { useTranslation } from "react-i18next";
import type { Schemas } from "@/api/client";
import { Table, type Column } from "@/kit/Table";
import { Pill, When, type Tone } from "@/kit/values";
import { Copyable, Progress, Who } from "../parts/values";

type Export = Schemas["ExportOut"];

const TONES: { [status in Schemas["ExportState"]]: Tone } = { queued: "plain", running: "info", done: "good", failed: "bad", expired: "plain" };
const KIB = 1024;

export function ExportTable({ rows }: { rows: readonly Export[] }): ReactNode {
  const { t } = useTranslation("finance");
  const columns: readonly Column<Export>[] = [
    { key: "at", title: t("runs.asked_at"), csv: (row) => row.requested_at, cell: (row) => <When at={row.requested_at} /> },
    { key: "what", title: t("export.what"), csv: (row) => row.what, cell: (row) => <>{t(`export_what.${row.what}.name`)} <span className="dim">{row.format === "csv" ? "CSV" : "Parquet"}</span></> },
    { key: "span", title: t("export.span"), csv: (row) => `${row.from ?? ""}…${row.to ?? ""}`, cell: (row) => <Span job={row} /> },
    { key: "state", title: t("column.state"), csv: (row) => row.status, cell: (row) => <State job={row} /> },
    { key: "rows", title: t("export.rows"), end: true, csv: (row) => String(row.rows), cell: (row) => row.rows },
    { key: "size", title: t("export.size"), end: true, csv: (row) => String(row.bytes ?? ""), cell: (row) => (row.bytes === null ? "–" : `${Math.ceil(row.bytes / KIB)} KiB`) },
    { key: "by", title: t("transfer.asked_by"), csv: (row) => row.requested_by, cell: (row) => <Who id={row.requested_by} /> },
    { key: "file", title: t("export.file"), cell: (row) => (row.status === "done" ? <a className="button" href={`/v1/ledger/exports/${row.id}/file`} download>{t("export.download")}</a> : <span className="dim">–</span>) },
    { key: "sha", title: "SHA-256", csv: (row) => row.sha256, cell: (row) => (row.sha256 === null ? <span className="dim">–</span> : <Copyable value={row.sha256} label="SHA-256" />) },
  ];
  return <Table name={t("export.list")} columns={columns} rows={rows} rowKey={(row) => row.id} />;
}

function Span({ job }: { job: Export }): ReactNode {
  const { t } = useTranslation("finance");
  if (job.from === null && job.to === null) return <>{t("export.everything")}</>;
  return <><When at={job.from} /> – <When at={job.to} /></>;
}

function State({ job }: { job: Export }): ReactNode {
  const { t } = useTranslation("finance");
  const working = job.status === "queued" || job.status === "running";
  return (
    <span className="row" role="status">
      <Pill tone={TONES[job.status]}>{t(`export_status.${job.status}`)}</Pill>
      {working && <Progress share={job.progress} label={t("runs.progress")} />}
      {job.error !== null && <span>{job.error}</span>}
    </span>
  );
}
