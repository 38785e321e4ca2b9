import { useQueryClient } from "@tanstack/react-query";
import { useState, type ReactNode, type SyntheticEvent } from "react";
import { useTranslation } from "react-i18next";
import { api, ask, type Schemas } from "@/api/client";
import { once } from "@/api/intent";
import { Button } from "@/kit/Button";
import { TextField } from "@/kit/fields";
import { Failed } from "@/kit/states";
import { useStepUp } from "@/session/StepUp";
import { KINDS, textOf, type EventKind } from "./kinds";

export function WebhookForm({ onMade }: { onMade: (made: Schemas["NewWebhookOut"]) => void }): ReactNode {
  const { t } = useTranslation("programs");
  const client = useQueryClient();
  const { proven, question } = useStepUp();
  const [url, setUrl] = useState("");
  const [kinds, setKinds] = useState<readonly EventKind[]>(["order.filled", "order.closed"]);
  const [busy, setBusy] = useState(false);
  const [error, setError] = useState<unknown>(null);
  const toggle = (kind: EventKind): void => { setKinds((before) => (before.includes(kind) ? before.filter((one) => one !== kind) : [...before, kind])); };
  const submit = async (event: SyntheticEvent): Promise<void> => {
    event.preventDefault();
    setBusy(true);
    setError(null);
    const body: Schemas["WebhookIn"] = { url: url.trim(), kinds: KINDS.filter((kind) => kinds.includes(kind)) };
    try {
      onMade(await proven(() => once("webhook", body, (header) => ask(api.POST("/v1/webhooks", { body, params: { header } })))));
      setUrl("");
    } catch (refused) {
      setError(refused);
    }
    setBusy(false);
    await client.invalidateQueries({ queryKey: ["webhooks"] });
  };
  return (
    <form className="retail-form" onSubmit={(event) => void submit(event)}>
      <TextField label={t("hook.url")} value={url} onChange={setUrl} type="url" maxLength={2048} autoComplete="off" placeholder="https://example.com/rivermouth" isRequired />
      <p className="dim">{t("hook.url_means")}</p>
      <fieldset className="retail-fieldset">
        <legend>{t("hook.kinds")}</legend>
        {KINDS.map((kind) => (
          <label key={kind} className="retail-tick">
            <input type="checkbox" checked={kinds.includes(kind)} onChange={() => { toggle(kind); }} /><span>{t(textOf(kind))} <code>{kind}</code></span>
          </label>
        ))}
      </fieldset>
      {error !== null && <Failed error={error} />}
      <div><Button kind="primary" type="submit" busy={busy} isDisabled={url.trim() === "" || kinds.length === 0}>{t("hook.create")}</Button></div>
      <p className="dim"><a href="https://www.standardwebhooks.com" rel="noreferrer">{t("hook.how")}</a></p>
      {question}
    </form>
  );
}
