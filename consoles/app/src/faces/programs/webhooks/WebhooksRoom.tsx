import { useState, type ReactNode } from "react";
import { useTranslation } from "react-i18next";
import type { Schemas } from "@/api/client";
import { Panel } from "@/kit/Panel";
import { Frame } from "../Frame";
import { SecretOnce } from "../SecretOnce";
import { Deliveries } from "./Deliveries";
import { WebhookForm } from "./WebhookForm";
import { WebhookList } from "./WebhookList";

export type Webhook = Schemas["WebhookOut"];

/** What an address may be called: the rest of it may be a secret of its owner. */
export const hostOf = (webhook: Webhook): string => new URL(webhook.url).host;

/** Addresses of one's programs, told what happened; and what became of each telling. */
export default function WebhooksRoom(): ReactNode {
  const { t } = useTranslation("programs");
  const [made, setMade] = useState<Schemas["NewWebhookOut"] | null>(null);
  const [shown, setShown] = useState<Webhook | null>(null);
  return (
    <Frame title={t("room.webhooks")}>
      <p className="dim">{t("hook.intro")}</p>
      {made !== null && (
        <SecretOnce key={made.id} title={t("hook.made")} means={t("hook.warning")} onDone={() => { setMade(null); }}
          rows={[{ name: t("hook.to"), text: made.url }, { name: t("hook.secret"), text: made.secret, secret: true }]} />
      )}
      <div className="retail-split">
        <Panel title={t("hook.new")}><WebhookForm onMade={setMade} /></Panel>
        <div className="stack">
          <Panel title={t("hook.title")}><WebhookList onShow={setShown} onRemoved={(id) => { if (shown?.id === id) setShown(null); }} /></Panel>
          {shown !== null && <Panel title={t("delivery.title", { host: hostOf(shown) })}><Deliveries key={shown.id} webhook={shown} /></Panel>}
        </div>
      </div>
    </Frame>
  );
}
