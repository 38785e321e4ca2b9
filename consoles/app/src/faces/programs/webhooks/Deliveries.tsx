import { useQueryClient } from "@tanstack/react-query";
import { useState, type ReactNode } from "react";
import { useTranslation } from "react-i18next";
import { api, ask, type Schemas } from "@/api/client";
import { once } from "@/api/intent";
import { Paged, usePages } from "@/faces/retail/pages";
import { Button } from "@/kit/Button";
import { Dialog } from "@/kit/Dialog";
import { Empty } from "@/kit/states";
import { Table, type Column } from "@/kit/Table";
import { useToasts } from "@/kit/toasts";
import { Facts, Pill, When, type Tone } from "@/kit/values";
import { textOf } from "./kinds";
import type { Webhook } from "./WebhooksRoom";

type Delivery = Schemas["DeliveryOut"];
const TONES: Record<Delivery["state"], Tone> = { pending: "info", delivered: "good", given_up: "bad" };
const EVERY_MS = 3_000; // what is being tried changes while one looks

export function Deliveries({ webhook }: { webhook: Webhook }): ReactNode {
  const { t } = useTranslation("programs");
  const [shown, setShown] = useState<Delivery | null>(null);
  const query = usePages<Delivery>(["deliveries", webhook.id], (cursor) => ask(api.GET("/v1/webhooks/{id}/deliveries", {
    params: { path: { id: webhook.id }, query: { limit: 50, ...(cursor === null ? {} : { cursor }) } },
  })), EVERY_MS);
  const columns: readonly Column<Delivery>[] = [
    { key: "at", title: t("delivery.at"), cell: (d) => <When at={d.created_at} />, csv: (d) => d.created_at },
    { key: "kind", title: t("delivery.kind"), cell: (d) => t(textOf(d.kind)), csv: (d) => d.kind },
    { key: "state", title: t("delivery.state"), cell: (d) => <State of={d} />, csv: (d) => d.state },
    { key: "attempts", title: t("delivery.attempts"), end: true, cell: (d) => d.attempts, csv: (d) => String(d.attempts) },
    { key: "answer", title: t("delivery.answer"), wrap: true, cell: answerOf, csv: answerOf },
    { key: "open", title: t("hook.deeds"), cell: (d) => <span className="retail-deeds"><Button onPress={() => { setShown(d); }}>{t("delivery.open")}</Button><Replay webhook={webhook} of={d} /></span> },
  ];
  const newest = query.data?.find((delivery) => delivery.id === shown?.id) ?? shown;
  return (
    <div className="deeds-last">
      <Paged query={query} empty={<Empty title={t("delivery.none")} />}>
        {(rows) => <Table name={t("hook.show")} rows={rows} rowKey={(d) => d.id} columns={columns} file="deliveries" />}
      </Paged>
      {newest !== null && <Dialog title={t(textOf(newest.kind))} isOpen onClose={() => { setShown(null); }} wide><One webhook={webhook} delivery={newest} /></Dialog>}
    </div>
  );
}

const answerOf = (delivery: Delivery): string => delivery.last_error ?? (delivery.last_status === null ? "–" : String(delivery.last_status));

function State({ of }: { of: Delivery }): ReactNode {
  const { t } = useTranslation("programs");
  return <Pill tone={TONES[of.state]}>{t(`delivery_state.${of.state}`)}</Pill>;
}

function One({ webhook, delivery }: { webhook: Webhook; delivery: Delivery }): ReactNode {
  const { t } = useTranslation("programs");
  return (
    <>
      <Facts rows={[
        [t("delivery.state"), <State key="state" of={delivery} />],
        [t("delivery.id"), <code key="id">{delivery.event_id}</code>],
        [t("delivery.attempts"), delivery.attempts],
        [t("delivery.last"), <When key="last" at={delivery.last_attempt_at} />],
        [t("delivery.answer"), answerOf(delivery)],
        [t("delivery.next"), <When key="next" at={delivery.next_attempt_at} />],
      ]} />
      <pre className="programs-data" tabIndex={0} aria-label={t("delivery.data")}>{JSON.stringify({ type: delivery.kind, data: delivery.data }, null, 2)}</pre>
      <div><Replay webhook={webhook} of={delivery} /></div>
    </>
  );
}

/** Once more under the same id: a receiver that acts once per id does nothing twice. */
function Replay({ webhook, of }: { webhook: Webhook; of: Delivery }): ReactNode {
  const { t } = useTranslation("programs");
  const client = useQueryClient();
  const { tell, refused } = useToasts();
  const [busy, setBusy] = useState(false);
  if (of.state === "pending") return null;
  const replay = async (): Promise<void> => {
    setBusy(true);
    try {
      const path = { id: webhook.id, delivery_id: of.id };
      await once("webhook-replay", path, (header) => ask(api.POST("/v1/webhooks/{id}/deliveries/{delivery_id}/replay", { params: { path, header } })));
      tell(t("delivery.replayed"), "good");
    } catch (error) {
      refused(error);
    }
    setBusy(false);
    await client.invalidateQueries({ queryKey: ["deliveries", webhook.id] });
  };
  return <Button busy={busy} onPress={() => void replay()}>{t("delivery.replay")}</Button>;
}
