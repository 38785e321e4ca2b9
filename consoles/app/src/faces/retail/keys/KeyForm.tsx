import { useQueryClient } from "@tanstack/react-query";
import { useState, type ReactNode, type SyntheticEvent } from "react";
import { api, ask, type Schemas } from "@/api/client";
import { once } from "@/api/intent";
import { useWords } from "@/faces/retail/words";
import { Button } from "@/kit/Button";
import { TextField } from "@/kit/fields";
import { Failed } from "@/kit/states";
import { useStepUp } from "@/session/StepUp";

export type NewKey = Schemas["NewApiKeyOut"];
const listOf = (text: string): string[] => text.split(/[\s,;，；]+/).filter((part) => part !== "");

export function KeyForm({ onMade }: { onMade: (made: NewKey) => void }): ReactNode {
  const { t } = useWords();
  const client = useQueryClient();
  const { proven, question } = useStepUp();
  const [name, setName] = useState("");
  const [trade, setTrade] = useState(false);
  const [addresses, setAddresses] = useState("");
  const [publicKey, setPublicKey] = useState("");
  const [busy, setBusy] = useState(false);
  const [error, setError] = useState<unknown>(null);
  const submit = async (event: SyntheticEvent): Promise<void> => {
    event.preventDefault();
    setBusy(true);
    setError(null);
    const body: Schemas["ApiKeyIn"] = {
      name: name.trim(), scopes: trade ? ["read", "trade"] : ["read"], ip_allow: listOf(addresses), ...(publicKey.trim() === "" ? {} : { public_key: publicKey.trim() }),
    };
    try {
      onMade(await proven(() => once("api-key", body, (header) => ask(api.POST("/v1/api-keys", { body, params: { header } })))));
      setName("");
      setPublicKey("");
    } catch (refused) {
      setError(refused);
    }
    setBusy(false);
    await client.invalidateQueries({ queryKey: ["api-keys"] });
  };
  return (
    <form className="retail-form" onSubmit={(event) => void submit(event)}>
      <TextField label={t("retail_more:key.name")} value={name} onChange={setName} maxLength={64} autoComplete="off" isRequired />
      <fieldset className="retail-fieldset">
        <legend>{t("retail_more:key.scopes")}</legend>
        <label className="retail-tick"><input type="checkbox" checked disabled />{t("retail_more:key.read")}</label>
        <label className="retail-tick">
          <input type="checkbox" checked={trade} onChange={(event) => { setTrade(event.target.checked); }} />{t("retail_more:key.trade")}
        </label>
        <p className="dim">{t("retail_more:key.never")}</p>
      </fieldset>
      <TextField label={t("retail_more:key.addresses")} value={addresses} onChange={setAddresses} placeholder="203.0.113.7, 10.0.0.0/8" autoComplete="off" />
      <p className="dim">{t("retail_more:key.addresses_means")}</p>
      <details className="retail-fold">
        <summary>{t("retail_more:key.own_pair")}</summary>
        <div className="stack">
          <TextField label={t("retail_more:key.public")} value={publicKey} onChange={setPublicKey} maxLength={1024} autoComplete="off" />
          <p className="dim">{t("retail_more:key.public_means")}</p>
        </div>
      </details>
      {error !== null && <Failed error={error} />}
      <div><Button kind="primary" type="submit" busy={busy} isDisabled={name.trim() === ""}>{t("retail_more:key.create")}</Button></div>
      {question}
    </form>
  );
}
