import { useQueryClient } from "@tanstack/react-query";
import { useState, type ReactNode, type SyntheticEvent } from "react";
import { useTranslation } from "react-i18next";
import { api, ask, type Schemas } from "@/api/client";
import { once } from "@/api/intent";
import { Button } from "@/kit/Button";
import { Select, TextField } from "@/kit/fields";
import { Panel } from "@/kit/Panel";
import { Empty, Failed } from "@/kit/states";
import { useToasts } from "@/kit/toasts";
import { Frame } from "../parts/Frame";
import { Listed, usePages } from "../parts/pages";
import { ExportTable } from "./ExportTable";

type What = Schemas["What"] | `earn.${"subscriptions" | "plan_rows" | "ladder" | "costs"}`;
type Format = Schemas["Format-Input"];

const WHATS: readonly What[] = ["entries", "journals", "balances", "statement", "earn.subscriptions", "earn.plan_rows", "earn.ladder", "earn.costs"];
const BOUNDED_BY: { [what in What]: "both" | "end" | "nothing" } = {
  entries: "both", journals: "both", balances: "end", statement: "both",
  "earn.subscriptions": "both", "earn.plan_rows": "both", "earn.ladder": "nothing", "earn.costs": "both",
};
const FORMATS: readonly Format[] = ["csv", "parquet"];
const SOON_MS = 1_000;
const DAY_MS = 86_400_000;

export default function Exports(): ReactNode {
  const { t } = useTranslation("finance");
  const pages = usePages(
    ["finance", "exports"],
    (cursor) => ask(api.GET("/v1/ledger/exports", { params: { query: { cursor, limit: 20 } } })),
    (jobs) => (jobs.some((job) => job.status === "queued" || job.status === "running") ? SOON_MS : false),
  );
  return (
    <Frame title={t("rooms.exports")} intro={t("export.intro")}>
      <Panel title={t("export.request")}><RequestExport /></Panel>
      <Panel title={t("export.list")}>
        <Listed pages={pages} empty={<Empty title={t("export.none")} />}>{(rows) => <ExportTable rows={rows} />}</Listed>
      </Panel>
    </Frame>
  );
}

function RequestExport(): ReactNode {
  const { t } = useTranslation("finance");
  const client = useQueryClient();
  const { tell } = useToasts();
  const [what, setWhat] = useState<What>("entries");
  const [format, setFormat] = useState<Format>("csv");
  const [span, setSpan] = useState({ from: "", to: "" });
  const [account, setAccount] = useState("");
  const [busy, setBusy] = useState(false);
  const [error, setError] = useState<unknown>(null);
  const request = async (event: SyntheticEvent): Promise<void> => {
    event.preventDefault();
    setBusy(true);
    setError(null);
    const start = (day: string): string | null => (day === "" ? null : `${day}T00:00:00Z`);
    const end = (day: string): string | null => (day === "" ? null : new Date(Date.parse(`${day}T00:00:00Z`) + DAY_MS).toISOString());
    const from = BOUNDED_BY[what] === "both" ? start(span.from) : null;
    const to = { both: start(span.to), end: end(span.to), nothing: null }[BOUNDED_BY[what]];
    const body = { what, format, from, to, account: what === "statement" ? account.trim() : null };
    try {
      await once("export", body, (header) => ask(api.POST("/v1/ledger/exports", { body, params: { header } })));
      tell(t("export.asked"), "good");
    } catch (refused) {
      setError(refused);
    } finally {
      setBusy(false);
      void client.invalidateQueries({ queryKey: ["finance", "exports"] });
    }
  };
  return (
    <form className="stack" onSubmit={(event) => void request(event)}>
      <div className="finance-form">
        <Select label={t("export.what")} value={what} choices={WHATS.map((id) => ({ id, text: t(`export_what.${id}.name`) }))} onChange={(id) => { setWhat(WHATS.find((known) => known === id) ?? what); }} />
        <Select label={t("export.format")} value={format} choices={FORMATS.map((id) => ({ id, text: id === "csv" ? "CSV" : "Parquet" }))} onChange={(id) => { setFormat(FORMATS.find((known) => known === id) ?? format); }} />
        {what === "statement" && <TextField label={t("export.account")} value={account} onChange={setAccount} autoComplete="off" placeholder="house.capital:USDT" isRequired />}
        {BOUNDED_BY[what] === "both" && <TextField label={t("export.from")} type="date" value={span.from} onChange={(from) => { setSpan((before) => ({ ...before, from })); }} />}
        {BOUNDED_BY[what] !== "nothing" && <TextField label={t(what === "balances" ? "export.at_end" : "export.to")} type="date" value={span.to} onChange={(to) => { setSpan((before) => ({ ...before, to })); }} />}
        <Button kind="primary" type="submit" busy={busy}>{t("export.request")}</Button>
      </div>
      <p className="dim">{t(`export_what.${what}.why`)}</p>
      {error !== null && <Failed error={error} />}
    </form>
  );
}
