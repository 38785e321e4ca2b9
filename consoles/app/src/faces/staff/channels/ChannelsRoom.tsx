import { useQuery, useQueryClient } from "@tanstack/react-query";
import { useState, type ReactNode } from "react";
import { useTranslation } from "react-i18next";
import { api, ask, type Schemas } from "@/api/client";
import { Button } from "@/kit/Button";
import { Confirm } from "@/kit/Dialog";
import { Panel } from "@/kit/Panel";
import { Empty, Loaded } from "@/kit/states";
import { Table, type Column } from "@/kit/Table";
import { Pill, When, type Tone } from "@/kit/values";
import { Frame } from "../Frame";
import { ChannelForm } from "./ChannelForm";

type Channel = Schemas["ChannelOut"];
const TONES: Record<NonNullable<Channel["last_state"]>, Tone> = { waiting: "info", sent: "good", unknown: "warn", refused: "bad", expired: "bad" };

/** Which chat rooms are told when the house needs somebody. */
export default function ChannelsRoom(): ReactNode {
  const { t } = useTranslation("staff");
  const client = useQueryClient();
  const [leaving, setLeaving] = useState<Channel | null>(null);
  const query = useQuery({
    queryKey: ["channels"], queryFn: () => ask(api.GET("/v1/channels")), select: (page) => page.items, refetchInterval: 10_000,
  });
  const remove = async (): Promise<void> => {
    if (leaving === null) return;
    const path = { id: leaving.id };
    await ask(api.DELETE("/v1/channels/{id}", { params: { path } }));
    await client.invalidateQueries({ queryKey: ["channels"] });
  };
  return (
    <Frame title={t("room.channels")} intro={t("channel.intro")}>
      <Panel title={t("channel.list")}>
        <Loaded query={query} empty={<Empty title={t("channel.none")} />}>{(rows) => <List rows={rows} onRemove={setLeaving} />}</Loaded>
      </Panel>
      <Panel title={t("channel.new")}><ChannelForm /></Panel>
      <Confirm title={t("channel.remove")} isOpen={leaving !== null} onClose={() => { setLeaving(null); }} act={remove} verb={t("channel.remove")} danger>
        <p>{t("channel.remove_ask", { name: leaving?.name })}</p>
      </Confirm>
    </Frame>
  );
}

function List({ rows, onRemove }: { rows: readonly Channel[]; onRemove: (row: Channel) => void }): ReactNode {
  const { t } = useTranslation("staff");
  const last = (c: Channel): ReactNode => (c.last_state === null ? <span className="dim">–</span> : (
    <span className="row"><Pill tone={TONES[c.last_state]}>{t(`channel.state.${c.last_state}`)}</Pill><When at={c.last_at} /></span>
  ));
  const columns: readonly Column<Channel>[] = [
    { key: "name", title: t("field.name"), wrap: true, csv: (c) => c.name, cell: (c) => <strong>{c.name}</strong> },
    { key: "service", title: t("channel.service"), csv: (c) => c.service, cell: (c) => c.service },
    { key: "topics", title: t("channel.topics"), wrap: true, csv: (c) => c.topics.join(" "), cell: (c) => c.topics.map((topic) => t(`channel.topic.${topic}`)).join(", ") },
    { key: "last", title: t("channel.last"), csv: (c) => c.last_state, cell: last },
    { key: "since", title: t("channel.since"), csv: (c) => c.created_at, cell: (c) => <When at={c.created_at} /> },
    {
      key: "deeds", title: t("people.deeds"),
      cell: (c) => <Button kind="danger" aria-label={t("people.deed_on", { deed: t("channel.remove"), who: c.name })} onPress={() => { onRemove(c); }}>{t("channel.remove")}</Button>,
    },
  ];
  return <div className="deeds-last"><Table name={t("channel.list")} rows={rows} rowKey={(c) => c.id} columns={columns} file="channels" /></div>;
}
