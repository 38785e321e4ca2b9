// Journals from a file: one person sends it, another approves the digest of exactly what was sent.

import { useQueryClient } from "@tanstack/react-query";
import { useState, type ReactNode, type SyntheticEvent } from "react";
import { useTranslation } from "react-i18next";
import { Link, useNavigate } from "react-router";
import { api, ask, type Schemas } from "@/api/client";
import { once } from "@/api/intent";
import { Button } from "@/kit/Button";
import { Select, TextField } from "@/kit/fields";
import { Panel } from "@/kit/Panel";
import { Empty, Failed } from "@/kit/states";
import { Table, type Column } from "@/kit/Table";
import { When } from "@/kit/values";
import { useSession } from "@/session/session";
import { nameOf } from "../parts/file";
import { FileField } from "../parts/FileField";
import { Frame } from "../parts/Frame";
import { Listed, usePages } from "../parts/pages";
import { Who } from "../parts/values";
import { ImportStatus, importWorks, refusedRows } from "./importWords";

type Import = Schemas["ImportOut"];

const ACCEPTED = [".csv", ".ndjson", ".jsonl"];

export default function Imports(): ReactNode {
  const { t } = useTranslation("finance");
  const { may } = useSession();
  return (
    <Frame title={t("rooms.imports")} intro={t("import.intro")}>
      {may("ledger:import") && <Panel title={t("import.send")}><Send /></Panel>}
      <Panel title={t("import.list")}><List /></Panel>
    </Frame>
  );
}

function List(): ReactNode {
  const { t } = useTranslation("finance");
  const pages = usePages(
    ["finance", "imports"],
    (cursor) => ask(api.GET("/v1/ledger/imports", { params: { query: { cursor, limit: 20 } } })),
    (jobs) => (jobs.some(importWorks) ? 1_000 : 15_000),
  );
  const columns: readonly Column<Import>[] = [
    { key: "at", title: t("import.sent_at"), csv: (row) => row.uploaded_at, cell: (row) => <Link to={`/finance/imports/${row.id}`}><When at={row.uploaded_at} /></Link> },
    { key: "key", title: t("import.key"), csv: (row) => row.file_key, cell: (row) => <code>{row.file_key.length > 24 ? `${row.file_key.slice(0, 24)}…` : row.file_key}</code> },
    { key: "state", title: t("column.state"), csv: (row) => row.status, cell: (row) => <ImportStatus job={row} /> },
    { key: "rows", title: t("import.journals"), end: true, csv: (row) => String(row.rows), cell: (row) => row.rows },
    { key: "ok", title: t("import.accepted"), end: true, csv: (row) => String(row.accepted), cell: (row) => row.accepted },
    { key: "refused", title: t("import.refused"), end: true, csv: (row) => String(refusedRows(row)), cell: (row) => refusedRows(row) },
    { key: "by", title: t("import.sent_by"), csv: (row) => row.uploaded_by, cell: (row) => <Who id={row.uploaded_by} /> },
    { key: "decided", title: t("import.decided_by"), csv: (row) => row.decided_by, cell: (row) => <Who id={row.decided_by} /> },
  ];
  return (
    <Listed pages={pages} empty={<Empty title={t("import.none")} />}>
      {(rows) => <Table name={t("import.list")} columns={columns} rows={rows} rowKey={(row) => row.id} file="imports" />}
    </Listed>
  );
}

function Send(): ReactNode {
  const { t } = useTranslation("finance");
  const client = useQueryClient();
  const navigate = useNavigate();
  const [file, setFile] = useState<File | null>(null);
  const [key, setKey] = useState("");
  const [way, setWay] = useState("check");
  const [busy, setBusy] = useState(false);
  const [error, setError] = useState<unknown>(null);
  const send = async (event: SyntheticEvent): Promise<void> => {
    event.preventDefault();
    if (file === null) return;
    setBusy(true);
    setError(null);
    try {
      const type = /\.(ndjson|jsonl)$/i.test(file.name) ? "application/x-ndjson" : "text/csv";
      const query = { dry_run: way === "check", file_key: key.trim() === "" ? null : key.trim() };
      const job = await once("import", { query, type, ...nameOf(file) }, (header) => ask(api.POST("/v1/ledger/imports", {
        body: "", params: { query, header }, headers: { "Content-Type": type }, bodySerializer: () => file, // its bytes as they are
      })));
      void navigate(`/finance/imports/${job.id}`);
    } catch (refused) {
      setError(refused);
      setBusy(false);
    } finally {
      void client.invalidateQueries({ queryKey: ["finance", "imports"] });
    }
  };
  return (
    <form className="stack" onSubmit={(event) => void send(event)}>
      <div className="finance-form">
        <FileField label={t("import.file")} accept={ACCEPTED} onChange={setFile} />
        <TextField label={t("import.key_optional")} value={key} onChange={setKey} autoComplete="off" placeholder="payroll-2026-11" />
        <Select label={t("import.way")} value={way} onChange={setWay} choices={[{ id: "check", text: t("import.check_only") }, { id: "post", text: t("import.check_and_ask") }]} />
        <Button kind="primary" type="submit" busy={busy} isDisabled={file === null}>{t("import.send")}</Button>
      </div>
      <p className="dim">{t("import.how")}</p>
      <pre className="finance-note" tabIndex={0}><code>{"journal,account,amount,kind,memo\n1,house.payroll:USDT,-2500.50,payroll,November\n1,house.capital:USDT,2500.50,,"}</code></pre>
      {error !== null && <Failed error={error} />}
    </form>
  );
}
