// Stopping trading: first what, where and why; then in words what will happen, to whom, and how it ends.

import { useQueryClient } from "@tanstack/react-query";
import { useState, type ReactNode } from "react";
import { useTranslation } from "react-i18next";
import { api, ask, idempotencyKey, type Schemas } from "@/api/client";
import { Button } from "@/kit/Button";
import { Confirm } from "@/kit/Dialog";
import { Select, TextField } from "@/kit/fields";
import { useToasts } from "@/kit/toasts";
import { When } from "@/kit/values";
import { venueName } from "@/kit/venue";
import type { Controls } from "../reads";
import { firstTarget, TargetField, type Scope } from "./Target";
import { after, businessNow, LENGTHS, type Length } from "./time";

type Wish = Schemas["ControlIn"];
type Mode = Schemas["Mode"];
const SCOPES = ["global", "venue", "market", "customer"] as const;
const MODES = ["no_new", "reduce_only", "cancel_all"] as const;

export function SwitchForm({ now }: { now: Controls }): ReactNode {
  const { t } = useTranslation("treasury");
  const { refused } = useToasts();
  const [scope, setScope] = useState<Scope>("market");
  const [target, setTarget] = useState(() => firstTarget("market", now));
  const [mode, setMode] = useState<Mode>("no_new");
  const [length, setLength] = useState<Length | "person">("person");
  const [reason, setReason] = useState("");
  const [intent, setIntent] = useState<{ wish: Wish; key: string } | null>(null);
  const review = async (): Promise<void> => {
    const until = length === "person" ? null : after(await businessNow(), length);
    setIntent({ wish: { scope, target, mode, reason, until }, key: idempotencyKey() });
  };
  const reach = (id: Scope): void => { setScope(id); setTarget(firstTarget(id, now)); };
  const ready = reason.trim().length >= 3 && (scope === "global" || target !== "");
  return (
    <div className="stack">
      <div className="treasury-filters">
        <Select label={t("controls.what")} value={mode} onChange={(id) => { setMode(id as Mode); }} choices={MODES.map((id) => ({ id, text: t(`controls.mode.${id}`) }))} />
        <Select label={t("controls.where")} value={scope} onChange={(id) => { reach(id as Scope); }} choices={SCOPES.map((id) => ({ id, text: t(`controls.scope.${id}`) }))} />
        <TargetField scope={scope} target={target} now={now} onChange={setTarget} />
        <Select label={t("controls.until")} value={length} onChange={(id) => { setLength(id as Length | "person"); }}
          choices={[{ id: "person", text: t("controls.by_person") }, ...LENGTHS.map((id) => ({ id, text: t(`controls.length.${id}`) }))]} />
        <TextField label={t("controls.reason")} value={reason} onChange={setReason} placeholder={t("controls.reason_hint")} />
        <Button kind="danger" isDisabled={!ready} onPress={() => { review().catch(refused); }}>{t("controls.review")}</Button>
      </div>
      <p className="dim">{t(`controls.does.${mode}`)}</p>
      {intent !== null && <Review wish={intent.wish} intentKey={intent.key} onClose={() => { setIntent(null); }} onDone={() => { setReason(""); }} />}
    </div>
  );
}

function Review({ wish, intentKey, onClose, onDone }: { wish: Wish; intentKey: string; onClose: () => void; onDone: () => void }): ReactNode {
  const { t } = useTranslation("treasury");
  const client = useQueryClient();
  const { tell } = useToasts();
  const target = wish.scope === "venue" ? venueName(wish.target) : wish.target;
  const act = async (): Promise<void> => {
    await ask(api.POST("/v1/controls", { params: { header: { "Idempotency-Key": intentKey } }, body: wish }));
    tell(t("controls.stopped"), "good");
    onDone();
    await client.invalidateQueries({ queryKey: ["controls"] });
  };
  return (
    <Confirm title={t("controls.confirm_title")} isOpen onClose={onClose} act={act} verb={t(`controls.verb.${wish.mode}`)} danger>
      <p><strong>{t("controls.whom")}</strong> {t(`controls.reaches.${wish.scope}`, { target })}</p>
      <p><strong>{t("controls.happens")}</strong> {t(`controls.does.${wish.mode}`)}</p>
      <p><strong>{t("controls.ends")}</strong> {wish.until == null ? t("controls.ends_person") : <>{t("controls.ends_at")} <When at={wish.until} /></>}</p>
      <p className="dim">{t("controls.reason")}: {wish.reason}</p>
    </Confirm>
  );
}
