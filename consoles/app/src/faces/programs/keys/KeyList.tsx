import { useQueryClient } from "@tanstack/react-query";
import type { TFunction } from "i18next";
import { useState, type ReactNode } from "react";
import { useTranslation } from "react-i18next";
import { api, ask, type Schemas } from "@/api/client";
import { Paged, usePages } from "@/faces/retail/pages";
import { useNow } from "@/kit/age";
import { Button } from "@/kit/Button";
import { Confirm } from "@/kit/Dialog";
import { Empty } from "@/kit/states";
import { Table, type Column } from "@/kit/Table";
import { useToasts } from "@/kit/toasts";
import { Pill, When } from "@/kit/values";

type Key = Schemas["ApiKeyOut"];

export function KeyList(): ReactNode {
  const { t } = useTranslation("programs");
  const client = useQueryClient();
  const { tell } = useToasts();
  const [ended, setEnded] = useState<Key | null>(null);
  const query = usePages<Key>(["api-keys"], (cursor) => ask(api.GET("/v1/api-keys", { params: { query: { limit: 50, ...(cursor === null ? {} : { cursor }) } } })));
  const revoke = async (): Promise<void> => {
    if (ended === null) return;
    try {
      await ask(api.DELETE("/v1/api-keys/{id}", { params: { path: { id: ended.id } } }));
      tell(t("key.revoked", { name: ended.name }));
    } finally {
      await client.invalidateQueries({ queryKey: ["api-keys"] });
    }
  };
  return (
    <div className="deeds-last">
      <Paged query={query} empty={<Empty title={t("key.none")} />}>
        {(rows) => <Table name={t("key.list")} rows={rows} rowKey={(key) => key.id} file="api-keys" columns={columnsOf(t, setEnded)} />}
      </Paged>
      <Confirm title={t("key.revoke")} isOpen={ended !== null} onClose={() => { setEnded(null); }} act={revoke} verb={t("key.revoke")} danger>
        <p>{t("key.revoke_ask", { name: ended?.name })}</p>
      </Confirm>
    </div>
  );
}

function columnsOf(t: TFunction<"programs">, revoke: (key: Key) => void): Column<Key>[] {
  return [
    { key: "name", title: t("key.name"), cell: (k) => <strong>{k.name}</strong>, csv: (k) => k.name },
    { key: "key", title: t("key.key"), cell: (k) => <code title={k.key}>{k.key.slice(0, 10)}…</code>, csv: (k) => k.key },
    { key: "scopes", title: t("key.scopes"), csv: (k) => k.scopes.join(" "), cell: (k) => (
      <span className="row">{k.scopes.map((scope) => <Pill key={scope} tone={scope === "trade" ? "warn" : "plain"}>{t(`key.scope_${scope}`)}</Pill>)}</span>
    ) },
    { key: "algorithm", title: t("key.algorithm"), cell: (k) => t(`key.${k.algorithm}`), csv: (k) => k.algorithm },
    { key: "ip", title: t("key.from"), wrap: true, csv: (k) => k.ip_allow.join(" "),
      cell: (k) => (k.ip_allow.length === 0 ? <Pill tone="warn">{t("key.anywhere")}</Pill> : k.ip_allow.join(", ")) },
    { key: "created", title: t("key.created"), cell: (k) => <When at={k.created_at} />, csv: (k) => k.created_at },
    { key: "ends", title: t("key.expires"), csv: (k) => k.expires_at, cell: (k) => <Ends at={k.expires_at} /> },
    { key: "used", title: t("key.used"), cell: (k) => <When at={k.last_used_at} />, csv: (k) => k.last_used_at },
    { key: "deeds", title: t("hook.deeds"), cell: (k) => <Button kind="danger" onPress={() => { revoke(k); }}>{t("key.revoke")}</Button> },
  ];
}

/** Nothing ends by surprise: what is over says so. */
function Ends({ at }: { at: string | null }): ReactNode {
  const { t } = useTranslation("programs");
  const now = useNow();
  if (at === null) return <span className="dim">{t("key.never_ends")}</span>;
  return Date.parse(at) <= now ? <Pill tone="bad">{t("key.ended")}</Pill> : <When at={at} />;
}
