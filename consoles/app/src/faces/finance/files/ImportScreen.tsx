import { useQuery } from "@tanstack/react-query";
import { useState, type ReactNode } from "react";
import { useTranslation } from "react-i18next";
import { Link, useParams } from "react-router";
import { api, ask, type Schemas } from "@/api/client";
import { keyOfCode } from "@/i18n";
import { Select } from "@/kit/fields";
import { Panel } from "@/kit/Panel";
import { Empty, Loaded } from "@/kit/states";
import { Table, type Column } from "@/kit/Table";
import { Facts, Pill, When } from "@/kit/values";
import { Frame } from "../parts/Frame";
import { Listed, usePages } from "../parts/pages";
import { Copyable, JournalLink, Signed, Who } from "../parts/values";
import { ImportDecision } from "./ImportDecision";
import { ImportStatus, importWorks, refusedRows } from "./importWords";

type Import = Schemas["ImportOut"];
type Row = Schemas["ImportRowOut"];

export default function ImportScreen(): ReactNode {
  const { t } = useTranslation("finance");
  const { id = "" } = useParams();
  const query = useQuery({
    queryKey: ["finance", "import", id],
    queryFn: () => ask(api.GET("/v1/ledger/imports/{id}", { params: { path: { id } } })),
    refetchInterval: ({ state }) => (state.data === undefined || importWorks(state.data) ? 700 : 10_000),
  });
  return (
    <Frame title={t("rooms.import")} aside={<Link to="/finance/imports">{t("import.back")}</Link>}>
      <Loaded query={query} lines={8}>
        {(job) => (
          <>
            <div className="grid">
              <Panel title={t("import.head")}><Head job={job} /></Panel>
              <Panel title={t("import.now")}><Now job={job} /></Panel>
            </div>
            <Panel title={t("import.rows")}><Rows job={job} /></Panel>
          </>
        )}
      </Loaded>
    </Frame>
  );
}

function Head({ job }: { job: Import }): ReactNode {
  const { t } = useTranslation("finance");
  return (
    <Facts rows={[
      [t("import.key"), <code key="key">{job.file_key}</code>],
      ["SHA-256", <Copyable key="sha" value={job.sha256} label="SHA-256" />],
      [t("export.format"), job.format === "csv" ? "CSV" : "NDJSON"],
      [t("import.sent_at"), <When key="at" at={job.uploaded_at} />],
      [t("import.sent_by"), <Who key="by" id={job.uploaded_by} />],
      [t("import.decided_by"), <Signed key="decided" by={job.decided_by} at={job.decided_at} />],
      [t("runs.finished_at"), <When key="finished" at={job.finished_at} />],
    ]} />
  );
}

function Now({ job }: { job: Import }): ReactNode {
  const { t } = useTranslation("finance");
  const reasons = Object.entries(job.refused);
  return (
    <div className="stack">
      <div className="row" role="status"><ImportStatus job={job} />{job.dry_run && <Pill>{t("import.check_only")}</Pill>}</div>
      <p>{t(`import_status_why.${job.status}`)}</p>
      {job.error !== null && <p className="notice bad">{job.error}</p>}
      <Facts rows={[
        [t("import.journals"), job.rows],
        [t("import.accepted"), job.accepted],
        [t("import.existed"), job.existed],
        [t("import.refused"), refusedRows(job)],
        ...reasons.map(([code, count]) => [code, count] as const),
      ]} />
      <ImportDecision job={job} />
    </div>
  );
}

function Rows({ job }: { job: Import }): ReactNode {
  const { t } = useTranslation("finance");
  const [only, setOnly] = useState(refusedRows(job) > 0 ? "refused" : "all");
  const pages = usePages(
    ["finance", "import", job.id, "rows", only, job.status],
    (cursor) => ask(api.GET("/v1/ledger/imports/{id}/rows", { params: { path: { id: job.id }, query: { refused: only === "refused", cursor, limit: 50 } } })),
  );
  return (
    <div className="stack">
      <div className="finance-form">
        <Select label={t("import.show")} value={only} onChange={setOnly} choices={[{ id: "refused", text: t("import.only_refused") }, { id: "all", text: t("import.all_rows") }]} />
      </div>
      <Listed pages={pages} empty={<Empty title={t(only === "refused" ? "import.none_refused" : "import.no_rows")} />}>{(rows) => <RowTable rows={rows} />}</Listed>
    </div>
  );
}

/** States of a row that nothing is wrong with; every other one is the code of a refusal. */
const FINE = new Set(["ok", "exists", "posted", "pending"]);

function RowTable({ rows }: { rows: readonly Row[] }): ReactNode {
  const { t } = useTranslation(["finance", "common"]);
  const why = (code: string): string => {
    const key = keyOfCode(code);
    return key === null ? code : t(key);
  };
  const columns: readonly Column<Row>[] = [
    { key: "row", title: t("import.row"), end: true, csv: (row) => String(row.row), cell: (row) => row.row },
    { key: "line", title: t("import.line"), end: true, csv: (row) => String(row.line), cell: (row) => row.line },
    { key: "state", title: t("column.state"), csv: (row) => row.status, cell: (row) => (FINE.has(row.status) ? <Pill tone={row.status === "pending" ? "info" : "good"}>{t(`import.row_${row.status}`)}</Pill> : <Pill tone="bad">{row.status}</Pill>) },
    { key: "why", title: t("import.why"), wrap: true, csv: (row) => row.detail, cell: (row) => (FINE.has(row.status) ? "" : row.detail ?? why(row.status)) },
    { key: "kind", title: t("column.kind"), csv: (row) => row.kind, cell: (row) => row.kind },
    { key: "legs", title: t("import.legs"), csv: (row) => row.accounts.map((account, n) => `${account} ${row.amounts[n] ?? ""}`).join("; "), cell: (row) => row.accounts.map((account, n) => <div key={`${account}:${n}`}><code>{account}</code> <span className="number">{row.amounts[n]}</span></div>) },
    { key: "journal", title: t("column.journal"), csv: (row) => row.journal_id, cell: (row) => <JournalLink id={row.journal_id} /> },
  ];
  return <Table name={t("import.rows")} columns={columns} rows={rows} rowKey={(row) => String(row.row)} file="import-rows" />;
}
