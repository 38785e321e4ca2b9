import { useQuery, useQueryClient } from "@tanstack/react-query";
import { useState, type ReactNode } from "react";
import { useTranslation } from "react-i18next";
import { api, ask } from "@/api/client";
import { once } from "@/api/intent";
import { Button } from "@/kit/Button";
import { Confirm } from "@/kit/Dialog";
import { Empty, Loaded } from "@/kit/states";
import { Table, type Column } from "@/kit/Table";
import { useToasts } from "@/kit/toasts";
import { When } from "@/kit/values";
import { textOf } from "./kinds";
import { hostOf, type Webhook } from "./WebhooksRoom";

export function WebhookList({ onShow, onRemoved }: { onShow: (webhook: Webhook) => void; onRemoved: (id: string) => void }): ReactNode {
  const { t } = useTranslation("programs");
  const client = useQueryClient();
  const { tell, refused } = useToasts();
  const [leaving, setLeaving] = useState<Webhook | null>(null);
  const query = useQuery({ queryKey: ["webhooks"], queryFn: () => ask(api.GET("/v1/webhooks")) });
  const test = async (webhook: Webhook): Promise<void> => {
    onShow(webhook);
    try {
      const path = { id: webhook.id };
      await once("webhook-test", path, (header) => ask(api.POST("/v1/webhooks/{id}/test", { params: { path, header } })));
      tell(t("hook.tested"), "good");
    } catch (error) {
      refused(error);
    }
    await client.invalidateQueries({ queryKey: ["deliveries", webhook.id] });
  };
  const remove = async (): Promise<void> => {
    if (leaving === null) return;
    await ask(api.DELETE("/v1/webhooks/{id}", { params: { path: { id: leaving.id } } }));
    tell(t("hook.removed"));
    onRemoved(leaving.id);
    await client.invalidateQueries({ queryKey: ["webhooks"] });
  };
  const columns: readonly Column<Webhook>[] = [
    { key: "url", title: t("hook.to"), wrap: true, cell: (w) => <code className="retail-secret">{w.url}</code>, csv: (w) => w.url },
    { key: "kinds", title: t("hook.kinds"), wrap: true, cell: (w) => w.kinds.map((kind) => t(textOf(kind))).join(" · "), csv: (w) => w.kinds.join(" ") },
    { key: "since", title: t("hook.since"), cell: (w) => <When at={w.created_at} />, csv: (w) => w.created_at },
    { key: "deeds", title: t("hook.deeds"), cell: (w) => (
      <span className="retail-deeds">
        <Button onPress={() => { onShow(w); }}>{t("hook.show")}</Button>
        <Button onPress={() => void test(w)}>{t("hook.test")}</Button>
        <Button kind="danger" onPress={() => { setLeaving(w); }}>{t("hook.remove")}</Button>
      </span>
    ) },
  ];
  return (
    <div className="deeds-last">
      <Loaded query={query} isEmpty={(data) => data.items.length === 0} empty={<Empty title={t("hook.none")} />}>
        {({ items }) => <Table name={t("hook.title")} rows={items} rowKey={(w) => w.id} columns={columns} file="webhooks" />}
      </Loaded>
      <Confirm title={t("hook.remove")} isOpen={leaving !== null} onClose={() => { setLeaving(null); }} act={remove} verb={t("hook.remove")} danger>
        <p>{t("hook.remove_ask", { host: leaving === null ? "" : hostOf(leaving) })}</p>
      </Confirm>
    </div>
  );
}
