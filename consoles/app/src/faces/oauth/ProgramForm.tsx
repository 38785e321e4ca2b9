import { useState, type ReactNode, type SyntheticEvent } from "react";
import { useTranslation } from "react-i18next";
import { api, ask, type Schemas } from "@/api/client";
import { once } from "@/api/intent";
import { Button } from "@/kit/Button";
import { Select, TextField } from "@/kit/fields";
import { Failed } from "@/kit/states";
import { useStepUp } from "@/session/StepUp";

type Kind = "server" | "page" | "device" | "own";
type Wish = Schemas["OAuthClientIn"];

const DEVICE = "urn:ietf:params:oauth:grant-type:device_code" as const;
const KINDS: Record<Kind, Pick<Wish, "grants" | "confidential">> = {
  server: { grants: ["authorization_code", "refresh_token"], confidential: true },
  page: { grants: ["authorization_code", "refresh_token"], confidential: false },
  device: { grants: [DEVICE, "refresh_token"], confidential: false },
  own: { grants: ["client_credentials"], confidential: true },
};

/** A new program; a partner's, with keys and origins, is registered through the API. */
export function ProgramForm({ onMade }: { onMade: () => void }): ReactNode {
  const { t } = useTranslation("oauth");
  const { proven, question } = useStepUp();
  const [name, setName] = useState("");
  const [kind, setKind] = useState<Kind>("server");
  const [uri, setUri] = useState("");
  const [trade, setTrade] = useState("no");
  const [made, setMade] = useState<Schemas["NewOAuthClientOut"] | null>(null);
  const [busy, setBusy] = useState(false);
  const [error, setError] = useState<unknown>(null);
  const sends = kind === "server" || kind === "page";
  const submit = async (event: SyntheticEvent): Promise<void> => {
    event.preventDefault();
    setBusy(true);
    setError(null);
    const body: Wish = { ...KINDS[kind], name: name.trim(), scopes: trade === "yes" ? ["read", "trade"] : ["read"], redirect_uris: sends ? [uri.trim()] : [] };
    try {
      setMade(await proven(() => once("oauth client", body, (header) => ask(api.POST("/v1/oauth/clients", { body, params: { header } })))));
      setName("");
      setUri("");
      onMade();
    } catch (refused) {
      setError(refused);
    }
    setBusy(false);
  };
  const choices = (["server", "page", "device", "own"] as const).map((id) => ({ id, text: t(`kind.${id}`) }));
  return (
    <form className="stack oauth-narrow" onSubmit={(event) => void submit(event)}>
      {made !== null && <Once made={made} onKept={() => { setMade(null); }} />}
      <TextField label={t("programs.name")} value={name} onChange={setName} maxLength={64} autoComplete="off" isRequired />
      <Select label={t("programs.kind")} value={kind} choices={choices} onChange={(id) => { setKind(id as Kind); }} />
      {sends && <TextField label={t("programs.uri")} value={uri} onChange={setUri} type="url" maxLength={500} autoComplete="off" isRequired />}
      <Select label={t("programs.scopes")} value={trade} choices={[{ id: "no", text: t("short.read") }, { id: "yes", text: `${t("short.read")}, ${t("short.trade")}` }]} onChange={setTrade} />
      {error !== null && <Failed error={error} />}
      <div><Button kind="primary" type="submit" busy={busy} isDisabled={name.trim() === "" || (sends && uri.trim() === "")}>{t("programs.register")}</Button></div>
      {question}
    </form>
  );
}

/** The secret can be read here and nowhere else; it stays until one says that it is kept. */
function Once({ made, onKept }: { made: Schemas["NewOAuthClientOut"]; onKept: () => void }): ReactNode {
  const { t } = useTranslation("oauth");
  return (
    <section className="notice warn stack" aria-label={made.name}>
      <p>{t("programs.client")}: <code className="oauth-key">{made.client_id}</code></p>
      {made.client_secret !== null && <p>{t("programs.secret")}: <code className="oauth-key">{made.client_secret}</code></p>}
      <div><Button autoFocus onPress={onKept}>{t("programs.kept")}</Button></div>
    </section>
  );
}
