import { useQueryClient } from "@tanstack/react-query";
import { useState, type ReactNode, type SyntheticEvent } from "react";
import { useTranslation } from "react-i18next";
import { api, ask, type Schemas } from "@/api/client";
import { once } from "@/api/intent";
import { Button } from "@/kit/Button";
import { Select, TextField } from "@/kit/fields";
import { Failed } from "@/kit/states";
import { useStepUp } from "@/session/StepUp";
import { PublicKeyField } from "./PublicKeyField";

export type NewKey = Schemas["NewApiKeyOut"];
/** How long a key may live, in days; the empty one lives until it is revoked. */
const LIVES = { "": 0, "30": 30, "90": 90, "365": 365 } as const;
type Life = keyof typeof LIVES;
const DAY_MS = 86_400_000;
/** At midnight, so that the same wish, sent again, asks for the same end. */
const endOf = (life: Life): string | null => (life === "" ? null : `${new Date(Date.now() + LIVES[life] * DAY_MS).toISOString().slice(0, 10)}T00:00:00Z`);
const listOf = (text: string): string[] => text.split(/[\s,;，；]+/).filter((part) => part !== "");

export function KeyForm({ onMade }: { onMade: (made: NewKey) => void }): ReactNode {
  const { t } = useTranslation("programs");
  const client = useQueryClient();
  const { proven, question } = useStepUp();
  const [name, setName] = useState("");
  const [trade, setTrade] = useState(false);
  const [withdraw, setWithdraw] = useState(false);
  const [addresses, setAddresses] = useState("");
  const [publicKey, setPublicKey] = useState("");
  const [life, setLife] = useState<Life>("90");
  const [busy, setBusy] = useState(false);
  const [error, setError] = useState<unknown>(null);
  const submit = async (event: SyntheticEvent): Promise<void> => {
    event.preventDefault();
    setBusy(true);
    setError(null);
    const body: Schemas["ApiKeyIn"] = {
      name: name.trim(), scopes: ["read", ...(trade ? ["trade" as const] : []), ...(withdraw ? ["withdraw" as const] : [])], ip_allow: listOf(addresses), expires_at: endOf(life), ...(publicKey.trim() === "" ? {} : { public_key: publicKey.trim() }),
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
      <TextField label={t("key.name")} value={name} onChange={setName} maxLength={64} autoComplete="off" isRequired />
      <fieldset className="retail-fieldset">
        <legend>{t("key.scopes")}</legend>
        <label className="retail-tick"><input type="checkbox" checked disabled />{t("key.read")}</label>
        <label className="retail-tick">
          <input type="checkbox" checked={trade} onChange={(event) => { setTrade(event.target.checked); }} />{t("key.trade")}
        </label>
        <label className="retail-tick">
          <input type="checkbox" checked={withdraw} onChange={(event) => { setWithdraw(event.target.checked); }} />{t("key.withdraw")}
        </label>
        {withdraw && <p className="dim">{t("key.withdraw_means")}</p>}
      </fieldset>
      <TextField label={t(withdraw ? "key.addresses_required" : "key.addresses")} isRequired={withdraw} value={addresses} onChange={setAddresses} placeholder="203.0.113.7, 10.0.0.0/8" autoComplete="off" />
      <p className="dim">{t("key.addresses_means")}</p>
      <Select label={t("key.ends")} value={life} onChange={(id) => { setLife(id as Life); }}
        choices={Object.entries(LIVES).map(([id, n]) => ({ id, text: n === 0 ? t("key.never_ends") : t("key.days", { n }) }))} />
      <p className="dim">{t("key.ends_means")}</p>
      <details className="retail-fold">
        <summary>{t("key.own_pair")}</summary>
        <div className="stack">
          <PublicKeyField value={publicKey} onChange={setPublicKey} />
        </div>
      </details>
      {error !== null && <Failed error={error} />}
      <div><Button kind="primary" type="submit" busy={busy} isDisabled={name.trim() === ""}>{t("key.create")}</Button></div>
      {question}
    </form>
  );
}
