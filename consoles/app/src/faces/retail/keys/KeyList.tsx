import { useQueryClient } from "@tanstack/react-query";
import { useState, type ReactNode } from "react";
import { api, ask, type Schemas } from "@/api/client";
import { Paged, usePages } from "@/faces/retail/pages";
import { useWords, type Words } from "@/faces/retail/words";
import { Button } from "@/kit/Button";
import { Confirm } from "@/kit/Dialog";
import { Empty } from "@/kit/states";
import { Table, type Column } from "@/kit/Table";
import { useToasts } from "@/kit/toasts";
import { Pill, When } from "@/kit/values";

type Key = Schemas["ApiKeyOut"];

export function KeyList(): ReactNode {
  const words = useWords();
  const { t } = words;
  const client = useQueryClient();
  const { tell } = useToasts();
  const [ended, setEnded] = useState<Key | null>(null);
  const query = usePages<Key>(["api-keys"], (cursor) => ask(api.GET("/v1/api-keys", { params: { query: { limit: 50, ...(cursor === null ? {} : { cursor }) } } })));
  const revoke = async (): Promise<void> => {
    if (ended === null) return;
    try {
      await ask(api.DELETE("/v1/api-keys/{id}", { params: { path: { id: ended.id } } }));
      tell(t("retail_more:key.revoked", { name: ended.name }));
    } finally {
      await client.invalidateQueries({ queryKey: ["api-keys"] });
    }
  };
  return (
    <div className="retail-sticky">
      <Paged query={query} empty={<Empty title={t("retail_more:key.none")} />}>
        {(rows) => <Table name={t("retail_more:key.list")} rows={rows} rowKey={(key) => key.id} file="api-keys" columns={columnsOf(words, setEnded)} />}
      </Paged>
      <Confirm title={t("retail_more:key.revoke")} isOpen={ended !== null} onClose={() => { setEnded(null); }} act={revoke} verb={t("retail_more:key.revoke")} danger>
        <p>{t("retail_more:key.revoke_ask", { name: ended?.name })}</p>
      </Confirm>
    </div>
  );
}

function columnsOf({ t }: Words, revoke: (key: Key) => void): Column<Key>[] {
  return [
    { key: "name", title: t("retail_more:key.name"), cell: (k) => <strong>{k.name}</strong>, csv: (k) => k.name },
    { key: "key", title: t("retail_more:key.key"), cell: (k) => <code title={k.key}>{k.key.slice(0, 10)}…</code>, csv: (k) => k.key },
    { key: "scopes", title: t("retail_more:key.scopes"), csv: (k) => k.scopes.join(" "), cell: (k) => (
      <span className="row">{k.scopes.map((scope) => <Pill key={scope} tone={scope === "trade" ? "warn" : "plain"}>{t(`retail_more:key.scope_${scope}`)}</Pill>)}</span>
    ) },
    { key: "algorithm", title: t("retail_more:key.algorithm"), cell: (k) => t(`retail_more:key.${k.algorithm}`), csv: (k) => k.algorithm },
    { key: "ip", title: t("retail_more:key.from"), wrap: true, csv: (k) => k.ip_allow.join(" "),
      cell: (k) => (k.ip_allow.length === 0 ? <Pill tone="warn">{t("retail_more:key.anywhere")}</Pill> : k.ip_allow.join(", ")) },
    { key: "created", title: t("retail_more:key.created"), cell: (k) => <When at={k.created_at} />, csv: (k) => k.created_at },
    { key: "used", title: t("retail_more:key.used"), cell: (k) => <When at={k.last_used_at} />, csv: (k) => k.last_used_at },
    { key: "deeds", title: t("retail_more:col.actions"), cell: (k) => <Button kind="danger" onPress={() => { revoke(k); }}>{t("retail_more:key.revoke")}</Button> },
  ];
}
