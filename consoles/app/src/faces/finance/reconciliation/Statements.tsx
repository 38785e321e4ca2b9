// A partner's statement is sent as it is; the run that follows compares its lines with our account there.

import { useQueryClient } from "@tanstack/react-query";
import { useState, type ReactNode, type SyntheticEvent } from "react";
import { useTranslation } from "react-i18next";
import { useNavigate } from "react-router";
import { api, ask, type Schemas } from "@/api/client";
import { once } from "@/api/intent";
import { Button } from "@/kit/Button";
import { TextField } from "@/kit/fields";
import { Failed } from "@/kit/states";
import { Amount, Facts, When } from "@/kit/values";
import { nameOf } from "../parts/file";
import { FileField } from "../parts/FileField";

type Statement = Schemas["StatementOut"];

const ACCEPTED = [".csv", "text/csv"];

export function Statements(): ReactNode {
  const { t } = useTranslation("finance");
  const [partner, setPartner] = useState("");
  const [account, setAccount] = useState("");
  const [file, setFile] = useState<File | null>(null);
  const [busy, setBusy] = useState(false);
  const [error, setError] = useState<unknown>(null);
  const [kept, setKept] = useState<Statement | null>(null);
  const send = async (event: SyntheticEvent): Promise<void> => {
    event.preventDefault();
    if (file === null) return;
    setBusy(true);
    setError(null);
    try {
      const query = { partner: partner.trim(), account: account.trim() };
      setKept(await once("statement", { query, ...nameOf(file) }, (header) => ask(api.POST("/v1/reconciliation/statements", {
        body: "", params: { query, header }, headers: { "Content-Type": "text/csv" }, bodySerializer: () => file, // its bytes as they are
      }))));
    } catch (refused) {
      setError(refused);
    } finally {
      setBusy(false);
    }
  };
  return (
    <div className="stack">
      <p>{t("statement.how")}</p>
      <pre className="finance-note" tabIndex={0}><code>{"reference,booked_at,amount,note\nWIRE-1001,2026-11-21T09:30:00Z,250.75,ACME"}</code></pre>
      <form className="finance-form" onSubmit={(event) => void send(event)}>
        <TextField label={t("statement.partner")} value={partner} onChange={setPartner} autoComplete="off" placeholder="bank" isRequired />
        <TextField label={t("statement.account")} value={account} onChange={setAccount} autoComplete="off" placeholder="bank.main:USDT" isRequired />
        <FileField label={t("statement.file")} accept={ACCEPTED} onChange={setFile} />
        <Button kind="primary" type="submit" busy={busy} isDisabled={file === null}>{t("statement.upload")}</Button>
      </form>
      {error !== null && <Failed error={error} />}
      {kept !== null && <Kept statement={kept} />}
    </div>
  );
}

function Kept({ statement }: { statement: Statement }): ReactNode {
  const { t } = useTranslation("finance");
  const client = useQueryClient();
  const navigate = useNavigate();
  const [error, setError] = useState<unknown>(null);
  const compare = async (): Promise<void> => {
    setError(null);
    try {
      const body = { source: "statement", level: "single", scope: statement.id } as const;
      const run = await once("run", body, (header) => ask(api.POST("/v1/reconciliation/runs", { body, params: { header } })));
      void client.invalidateQueries({ queryKey: ["finance"] });
      void navigate(`/finance/reconciliation/runs/${run.id}`);
    } catch (refused) {
      setError(refused);
    }
  };
  return (
    <div className="notice" role="status">
      <p>{t("statement.kept")}</p>
      <Facts rows={[
        [t("statement.partner"), statement.partner],
        [t("column.account"), <code key="path">{statement.path}</code>],
        [t("statement.lines"), statement.lines],
        [t("statement.total"), <Amount key="total" value={statement.total} asset={statement.asset} />],
        [t("statement.span"), <span key="span"><When at={statement.first_at} /> – <When at={statement.last_at} /></span>],
      ]} />
      {error !== null && <Failed error={error} />}
      <Button kind="primary" onPress={() => void compare()}>{t("statement.compare")}</Button>
    </div>
  );
}
