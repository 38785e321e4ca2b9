import { useQuery, useQueryClient } from "@tanstack/react-query";
import type { TFunction } from "i18next";
import { useState, type ReactNode, type SyntheticEvent } from "react";
import { useTranslation } from "react-i18next";
import { api, ask, type Schemas } from "@/api/client";
import { Button } from "@/kit/Button";
import { Confirm } from "@/kit/Dialog";
import { TextField } from "@/kit/fields";
import { Failed, Loaded } from "@/kit/states";
import { Table, type Column } from "@/kit/Table";
import { When } from "@/kit/values";
import { register } from "@/session/passkey";
import { useStepUp } from "@/session/StepUp";
import { CodesOnce } from "./SecondFactor";

type Passkey = Schemas["PasskeyOut"];

/** Passkeys: made on this device, listed, removed. */
export function Passkeys(): ReactNode {
  const { t } = useTranslation("account");
  const client = useQueryClient();
  const query = useQuery({ queryKey: ["mfa"], queryFn: () => ask(api.GET("/v1/mfa")) });
  const { proven, question } = useStepUp();
  const [codes, setCodes] = useState<string[] | null>(null);
  const [leaving, setLeaving] = useState<Passkey | null>(null);
  const changed = (): Promise<void> => client.invalidateQueries({ predicate: ({ queryKey }) => queryKey[0] === "mfa" || queryKey[0] === "sessions" });
  const remove = async (): Promise<void> => {
    if (leaving === null) return;
    const path = { id: leaving.id };
    await proven(() => ask(api.DELETE("/v1/mfa/passkeys/{id}", { params: { path } })));
    await changed();
  };
  if (codes !== null) return <CodesOnce codes={codes} onKept={() => { setCodes(null); }} />;
  return (
    <div className="stack">
      <p className="dim">{t("passkey.means")}</p>
      <Loaded query={query}>
        {({ passkeys }) => (passkeys.length === 0
          ? <p>{t("passkey.none")}</p>
          : <Table name={t("passkey.list")} rows={passkeys} rowKey={(key) => key.id} columns={columnsOf(t, setLeaving)} />)}
      </Loaded>
      <Add onMade={(made) => { setCodes(made.recovery_codes); void changed(); }} />
      <Confirm title={t("passkey.remove")} isOpen={leaving !== null} onClose={() => { setLeaving(null); }} act={remove} verb={t("passkey.remove")} danger>
        <p>{t("passkey.remove_ask", { name: leaving?.name })}</p>
      </Confirm>
      {question}
    </div>
  );
}

function columnsOf(t: TFunction<"account">, remove: (key: Passkey) => void): Column<Passkey>[] {
  return [
    { key: "name", title: t("passkey.name"), wrap: true, cell: (k) => <strong>{k.name}</strong> },
    { key: "made", title: t("passkey.made"), cell: (k) => <When at={k.created_at} /> },
    { key: "used", title: t("passkey.used"), cell: (k) => <When at={k.last_used_at} /> },
    { key: "deeds", title: t("passkey.deed"), cell: (k) => <Button kind="danger" onPress={() => { remove(k); }}>{t("passkey.remove")}</Button> },
  ];
}

function Add({ onMade }: { onMade: (made: Schemas["NewPasskeyOut"]) => void }): ReactNode {
  const { t } = useTranslation("account");
  const { proven, question } = useStepUp();
  const [name, setName] = useState("");
  const [busy, setBusy] = useState(false);
  const [error, setError] = useState<unknown>(null);
  const submit = async (event: SyntheticEvent): Promise<void> => {
    event.preventDefault();
    setBusy(true);
    setError(null);
    try {
      const offer = await proven(() => ask(api.POST("/v1/mfa/passkeys")));
      onMade(await register(offer, name.trim()));
      setName("");
    } catch (refused) {
      setError(refused);
    }
    setBusy(false);
  };
  return (
    <form className="stack" onSubmit={(event) => void submit(event)}>
      <TextField label={t("passkey.name")} value={name} onChange={setName} maxLength={64} autoComplete="off" isRequired />
      {error !== null && <Failed error={error} />}
      <div><Button kind="primary" type="submit" busy={busy} isDisabled={name.trim() === ""}>{t("passkey.add")}</Button></div>
      {question}
    </form>
  );
}
