import { useState, type ReactNode, type SyntheticEvent } from "react";
import { useTranslation } from "react-i18next";
import { useSearchParams } from "react-router";
import { api, ask, type Schemas } from "@/api/client";
import { Button } from "@/kit/Button";
import { TextField } from "@/kit/fields";
import { Panel } from "@/kit/Panel";
import { Failed } from "@/kit/states";
import { When } from "@/kit/values";
import { useStepUp } from "@/session/StepUp";
import { Wants } from "./Wants";
import "./oauth.css";

type Step = { at: "code" } | { at: "answer"; device: Schemas["DeviceOut"] } | { at: "done"; allowed: boolean };

/** A device without a keyboard shows a code; whoever types it here lets the device act for them. */
export default function DeviceRoom(): ReactNode {
  const { t } = useTranslation("oauth");
  const [search] = useSearchParams();
  const [code, setCode] = useState(search.get("user_code") ?? "");
  const [step, setStep] = useState<Step>({ at: "code" });
  return (
    <div className="oauth-narrow stack">
      <h1>{t("room.device")}</h1>
      {step.at === "code" && <CodeForm code={code} onCode={setCode} onFound={(device) => { setStep({ at: "answer", device }); }} />}
      {step.at === "answer" && <Answer code={code} device={step.device} onDone={(allowed) => { setStep({ at: "done", allowed }); }} />}
      {step.at === "done" && <p className="notice" role="status">{t(step.allowed ? "device.allowed" : "device.refused")}</p>}
    </div>
  );
}

function CodeForm({ code, onCode, onFound }: { code: string; onCode: (code: string) => void; onFound: (device: Schemas["DeviceOut"]) => void }): ReactNode {
  const { t } = useTranslation("oauth");
  const [busy, setBusy] = useState(false);
  const [error, setError] = useState<unknown>(null);
  const submit = async (event: SyntheticEvent): Promise<void> => {
    event.preventDefault();
    setBusy(true);
    setError(null);
    try {
      onFound(await ask(api.GET("/v1/oauth/devices", { params: { query: { user_code: code.trim() } } })));
    } catch (refused) {
      setError(refused);
      setBusy(false);
    }
  };
  return (
    <Panel title={t("device.title")}>
      <form className="stack" onSubmit={(event) => void submit(event)}>
        <p>{t("device.means")}</p>
        <TextField label={t("device.code")} value={code} onChange={onCode} maxLength={32} autoComplete="off" autoFocus isRequired />
        {error !== null && <Failed error={error} />}
        <div><Button kind="primary" type="submit" busy={busy} isDisabled={code.trim() === ""}>{t("device.next")}</Button></div>
      </form>
    </Panel>
  );
}

function Answer({ code, device, onDone }: { code: string; device: Schemas["DeviceOut"]; onDone: (allowed: boolean) => void }): ReactNode {
  const { t } = useTranslation("oauth");
  const { proven, question } = useStepUp();
  const [busy, setBusy] = useState(false);
  const [error, setError] = useState<unknown>(null);
  const body = { user_code: code.trim() };
  const answer = async (allowed: boolean, send: () => Promise<unknown>): Promise<void> => {
    setBusy(true);
    setError(null);
    try {
      await send();
      onDone(allowed);
    } catch (refused) {
      setError(refused);
      setBusy(false);
    }
  };
  return (
    <Panel title={device.program}>
      <div className="stack">
        <Wants program={device.program} scopes={device.scopes} />
        <p>{t("device.from", { address: device.address || "–" })} <When at={device.created_at} /></p>
        <p className="notice warn">{t("device.warn")}</p>
        {error !== null && <Failed error={error} />}
        <div className="row">
          <Button kind="primary" busy={busy} onPress={() => void answer(true, () => proven(() => ask(api.POST("/v1/oauth/devices", { body }))))}>{t("device.yes")}</Button>
          <Button isDisabled={busy} onPress={() => void answer(false, () => ask(api.POST("/v1/oauth/devices/refuse", { body })))}>{t("connect.no")}</Button>
        </div>
        {question}
      </div>
    </Panel>
  );
}
