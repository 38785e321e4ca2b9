import { useQuery, useQueryClient } from "@tanstack/react-query";
import { useState, type ReactNode, type SyntheticEvent } from "react";
import { useTranslation } from "react-i18next";
import { api, ask, type Schemas } from "@/api/client";
import { Button } from "@/kit/Button";
import { Confirm } from "@/kit/Dialog";
import { TextField } from "@/kit/fields";
import { QrCode } from "@/kit/QrCode";
import { Failed, Loaded } from "@/kit/states";
import { useToasts } from "@/kit/toasts";
import { Pill } from "@/kit/values";
import { useStepUp } from "@/session/StepUp";

type Offer = Schemas["TotpOut"];

/** The authenticator app: set up, replaced, removed; and the codes for the day it is lost. */
export function SecondFactor(): ReactNode {
  const client = useQueryClient();
  const query = useQuery({ queryKey: ["mfa"], queryFn: () => ask(api.GET("/v1/mfa")) });
  const [offer, setOffer] = useState<Offer | null>(null);
  const [codes, setCodes] = useState<string[] | null>(null);
  const told = (fresh: string[]): void => {
    setOffer(null);
    setCodes(fresh);
    void client.invalidateQueries({ queryKey: ["mfa"] });
    void client.invalidateQueries({ queryKey: ["sessions"] });
  };
  if (codes !== null) return <CodesOnce codes={codes} onKept={() => { setCodes(null); }} />;
  if (offer !== null) return <SetUp offer={offer} onDone={told} onLeave={() => { setOffer(null); }} />;
  return <Loaded query={query}>{(mfa) => <Standing mfa={mfa} onOffer={setOffer} onCodes={told} />}</Loaded>;
}

function Standing({ mfa, onOffer, onCodes }: { mfa: Schemas["FactorsOut"]; onOffer: (offer: Offer) => void; onCodes: (codes: string[]) => void }): ReactNode {
  const { t } = useTranslation("account");
  const client = useQueryClient();
  const { refused } = useToasts();
  const { proven, question } = useStepUp();
  const [leaving, setLeaving] = useState(false);
  const offer = (): void => { proven(() => ask(api.POST("/v1/mfa/totp"))).then(onOffer, refused); };
  const [renewing, setRenewing] = useState(false);
  const renew = async (): Promise<void> => {
    const made = await proven(() => ask(api.POST("/v1/mfa/recovery-codes")));
    onCodes(made.recovery_codes);
  };
  const remove = async (): Promise<void> => {
    await proven(() => ask(api.DELETE("/v1/mfa/totp")));
    await client.invalidateQueries({ predicate: ({ queryKey }) => queryKey[0] === "mfa" || queryKey[0] === "sessions" });
  };
  return (
    <div className="stack">
      <p className="row">
        <Pill tone={mfa.totp ? "good" : "warn"}>{t(mfa.totp ? "factor.on" : "factor.off")}</Pill>
        {(mfa.totp || mfa.passkeys.length > 0) && <span>{t("factor.codes_left", { n: mfa.recovery_codes_left })}</span>}
      </p>
      <p className="dim">{t("factor.means")}</p>
      <div className="row">
        <Button kind={mfa.totp ? "plain" : "primary"} onPress={offer}>{t(mfa.totp ? "factor.replace" : "factor.set_up")}</Button>
        {(mfa.totp || mfa.passkeys.length > 0) && <Button onPress={() => { setRenewing(true); }}>{t("factor.renew")}</Button>}
        {mfa.totp && <Button kind="danger" onPress={() => { setLeaving(true); }}>{t("factor.remove")}</Button>}
      </div>
      <Confirm title={t("factor.renew")} isOpen={renewing} onClose={() => { setRenewing(false); }} act={renew} verb={t("factor.renew")}>
        <p>{t("factor.renew_ask")}</p>
      </Confirm>
      <Confirm title={t("factor.remove")} isOpen={leaving} onClose={() => { setLeaving(false); }} act={remove} verb={t("factor.remove")} danger>
        <p>{t("factor.remove_ask")}</p>
      </Confirm>
      {question}
    </div>
  );
}

function SetUp({ offer, onDone, onLeave }: { offer: Offer; onDone: (codes: string[]) => void; onLeave: () => void }): ReactNode {
  const { t } = useTranslation(["account", "common"]);
  const { proven, question } = useStepUp();
  const [code, setCode] = useState("");
  const [busy, setBusy] = useState(false);
  const [error, setError] = useState<unknown>(null);
  const submit = async (event: SyntheticEvent): Promise<void> => {
    event.preventDefault();
    setBusy(true);
    setError(null);
    try {
      const made = await proven(() => ask(api.POST("/v1/mfa/totp/confirm", { body: { totp: code.replace(/\s/g, "") } })));
      onDone(made.recovery_codes);
    } catch (refused) {
      setError(refused);
      setCode("");
      setBusy(false);
    }
  };
  return (
    <form className="stack" onSubmit={(event) => void submit(event)}>
      <p>{t("account:factor.scan")}</p>
      <QrCode rows={offer.qr} label={t("account:factor.qr")} />
      <p>{t("account:factor.or_type")} <code className="account-secret" data-testid="totp-secret">{offer.secret}</code></p>
      <TextField label={t("account:factor.code")} value={code} onChange={setCode} inputMode="numeric" autoComplete="one-time-code" maxLength={8} isRequired autoFocus />
      {error !== null && <Failed error={error} />}
      <div className="row">
        <Button kind="primary" type="submit" busy={busy}>{t("account:factor.confirm")}</Button>
        <Button isDisabled={busy} onPress={onLeave}>{t("common:action.cancel")}</Button>
      </div>
      {question}
    </form>
  );
}

/** Of the app, and of the first passkey. The only time they can be read; they stay until one says that they are kept. */
export function CodesOnce({ codes, onKept }: { codes: string[]; onKept: () => void }): ReactNode {
  const { t } = useTranslation("account");
  return (
    <section className="notice warn stack" aria-label={t("factor.codes")}>
      <h3>{t("factor.codes")}</h3>
      <p>{t("factor.codes_mean")}</p>
      <ul className="account-codes" data-testid="recovery-codes">{codes.map((code) => <li key={code}><code>{code}</code></li>)}</ul>
      <div><Button kind="primary" autoFocus onPress={onKept}>{t("factor.kept")}</Button></div>
    </section>
  );
}
