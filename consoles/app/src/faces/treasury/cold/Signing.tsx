// The bytes for a holder's device, and the field for what it gave back. A draft that says something else than what was asked for is not given out.

import { useState, type ReactNode } from "react";
import { useTranslation } from "react-i18next";
import { api, ask } from "@/api/client";
import { once } from "@/api/intent";
import { Button } from "@/kit/Button";
import { TextField } from "@/kit/fields";
import { save } from "@/kit/save";
import { Failed } from "@/kit/states";
import { Table } from "@/kit/Table";
import { useToasts } from "@/kit/toasts";
import { Pill, When, type Tone } from "@/kit/values";
import { useSession } from "@/session/session";
import { useLookAgain } from "../money/reads";
import type { ColdDetail, Draft, Signature } from "./wire";

const FILES: Record<Draft["kind"], string> = { psbt: "psbt", safe: "json" };

export function Signing({ one: { id, signatures }, draft }: { one: ColdDetail; draft: Draft }): ReactNode {
  const { t } = useTranslation("treasury_cold");
  const { may } = useSession();
  if (!draft.matches) return <p className="notice bad">{t("draft.differs")}</p>;
  return (
    <div className="stack">
      <p className="dim">{t(`draft.kind.${draft.kind}`)}</p>
      <Raw name={`cold-${id}.${FILES[draft.kind]}`} text={draft.to_sign} />
      {signatures.length > 0 && <Given signatures={signatures} />}
      {may("treasury:write") && <HandIn id={id} />}
    </div>
  );
}

const TONES: Record<Signature["state"], Tone> = { sent: "info", counted: "good", refused: "bad" };

/** What was handed in, and whether it counted. */
function Given({ signatures }: { signatures: readonly Signature[] }): ReactNode {
  const { t } = useTranslation("treasury_cold");
  return (
    <Table name={t("given.title")} rows={signatures} rowKey={(one) => one.id} columns={[
      { key: "at", title: t("given.at"), cell: (one) => <When at={one.at} /> },
      { key: "state", title: t("col.state"), cell: (one) => <Pill tone={TONES[one.state]}>{t(`given.state.${one.state}`)}</Pill> },
      { key: "reason", title: t("col.reason"), wrap: true, cell: (one) => one.reason ?? <span className="dim">–</span> },
    ]} />
  );
}

function Raw({ name, text }: { name: string; text: string }): ReactNode {
  const { t } = useTranslation("treasury_cold");
  const { tell, refused } = useToasts();
  const copy = (): void => { navigator.clipboard.writeText(text).then(() => { tell(t("draft.copied"), "good"); }, refused); };
  return (
    <>
      <div className="treasury-raw" tabIndex={0} role="region" aria-label={t("draft.bytes")}><code>{text}</code></div>
      <div className="row">
        <Button onPress={copy}>{t("draft.copy")}</Button>
        <Button onPress={() => { save(name, new Blob([text], { type: "text/plain" })); }}>{t("draft.save")}</Button>
      </div>
    </>
  );
}

function HandIn({ id }: { id: string }): ReactNode {
  const { t } = useTranslation("treasury_cold");
  const { tell } = useToasts();
  const lookAgain = useLookAgain();
  const [text, setText] = useState("");
  const [busy, setBusy] = useState(false);
  const [error, setError] = useState<unknown>(null);
  const signed = text.replaceAll(/\s/g, ""); // devices break long lines
  const send = async (): Promise<void> => {
    setBusy(true);
    setError(null);
    try {
      await once("cold-signature", { id, signed }, (header) => ask(api.POST("/v1/treasury/cold-spends/{id}/signatures", { params: { path: { id }, header }, body: { signed } })));
      setText("");
      tell(t("draft.sent"), "good");
    } catch (refused) {
      setError(refused);
    } finally {
      setBusy(false);
      lookAgain();
    }
  };
  return (
    <form className="stack" aria-label={t("draft.hand_in")} onSubmit={(event) => { event.preventDefault(); void send(); }}>
      <TextField label={t("draft.signed")} value={text} onChange={setText} autoComplete="off" spellCheck="false" isRequired />
      {error !== null && <Failed error={error} />}
      <div><Button kind="primary" type="submit" busy={busy} isDisabled={signed === ""}>{t("draft.send")}</Button></div>
    </form>
  );
}
