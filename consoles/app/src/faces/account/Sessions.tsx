import { useQuery, useQueryClient } from "@tanstack/react-query";
import type { ReactNode } from "react";
import { useTranslation } from "react-i18next";
import type { TFunction } from "i18next";
import { api, ask, type Schemas } from "@/api/client";
import { Button } from "@/kit/Button";
import { Loaded } from "@/kit/states";
import { Table, type Column } from "@/kit/Table";
import { useToasts } from "@/kit/toasts";
import { Pill, When } from "@/kit/values";

type Session = Schemas["SessionOut"];

/** Where one is logged in; each can be ended from here. */
export function Sessions(): ReactNode {
  const { t } = useTranslation("account");
  const client = useQueryClient();
  const { refused, tell } = useToasts();
  const query = useQuery({ queryKey: ["sessions"], queryFn: () => ask(api.GET("/v1/sessions")) });
  const end = async (deed: Promise<unknown>): Promise<void> => {
    try {
      await deed;
      tell(t("sessions.ended"), "good");
    } catch (error) {
      refused(error);
    }
    await client.invalidateQueries({ queryKey: ["sessions"] });
  };
  const endOne = (session: Session): void => void end(ask(api.DELETE("/v1/sessions/{id}", { params: { path: { id: session.id } } })));
  return (
    <Loaded query={query}>
      {({ items }) => (
        <div className="stack deeds-last">
          <Table name={t("sessions.title")} rows={items} rowKey={(session) => session.id} columns={columnsOf(t, endOne)} />
          {items.length > 1 && <div><Button kind="danger" onPress={() => void end(ask(api.DELETE("/v1/sessions")))}>{t("sessions.end_others")}</Button></div>}
        </div>
      )}
    </Loaded>
  );
}

function columnsOf(t: TFunction<"account">, end: (session: Session) => void): Column<Session>[] {
  return [
    { key: "agent", title: t("sessions.agent"), wrap: true, cell: (s) => s.user_agent || "–" },
    { key: "address", title: t("sessions.address"), cell: (s) => s.address || "–" },
    { key: "since", title: t("sessions.since"), cell: (s) => <When at={s.created_at} /> },
    { key: "seen", title: t("sessions.seen"), cell: (s) => <When at={s.last_seen_at} /> },
    { key: "deeds", title: t("sessions.deed"), cell: (s) => (
      s.current ? <Pill tone="good">{t("sessions.this")}</Pill> : <Button kind="danger" onPress={() => { end(s); }}>{t("sessions.end")}</Button>
    ) },
  ];
}
