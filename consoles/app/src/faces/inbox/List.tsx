import { useQueryClient } from "@tanstack/react-query";
import { useState, type ReactNode } from "react";
import { useTranslation } from "react-i18next";
import { Link } from "react-router";
import { api, ask, type Schemas } from "@/api/client";
import { Paged, usePages } from "@/faces/retail/pages";
import { Button } from "@/kit/Button";
import { Select } from "@/kit/fields";
import { Empty } from "@/kit/states";
import { useToasts } from "@/kit/toasts";
import { Pill, When } from "@/kit/values";
import { useSession } from "@/session/session";

type Notice = Schemas["NoticeOut"];
const EVERY_MS = 15_000;

export function List(): ReactNode {
  const { t, i18n } = useTranslation("inbox");
  const language = i18n.language === "zh" ? "zh" : "en"; // of the page, whatever mails are written in
  const client = useQueryClient();
  const { refused } = useToasts();
  const [unread, setUnread] = useState(false);
  const query = usePages<Notice>(["notices", "list", unread, language], (cursor) => ask(api.GET("/v1/notices", {
    params: { query: { unread, language, limit: 30, ...(cursor === null ? {} : { cursor }) } },
  })), EVERY_MS);
  const mark = (deed: Promise<unknown>): void => {
    deed.catch(refused).finally(() => void client.invalidateQueries({ queryKey: ["notices"] }));
  };
  const newest = query.data?.[0];
  return (
    <div className="stack">
      <div className="row inbox-deeds">
        <Select label={t("list.show")} value={unread ? "unread" : "all"} choices={[{ id: "all", text: t("list.all") }, { id: "unread", text: t("list.unread") }]}
          onChange={(id) => { setUnread(id === "unread"); }} />
        {newest !== undefined && <Button onPress={() => { mark(ask(api.POST("/v1/notices/read", { body: { upto: newest.id } }))); }}>{t("list.read_all")}</Button>}
      </div>
      <Paged query={query} empty={<Empty title={t(unread ? "list.none_unread" : "list.none")} />}>
        {(notices) => (
          <ul className="inbox-list">
            {notices.map((notice) => (
              <One key={notice.id} notice={notice} onRead={() => { mark(ask(api.POST("/v1/notices/{id}/read", { params: { path: { id: notice.id } } }))); }} />
            ))}
          </ul>
        )}
      </Paged>
    </div>
  );
}

function One({ notice, onRead }: { notice: Notice; onRead: () => void }): ReactNode {
  const { t } = useTranslation("inbox");
  const { may } = useSession();
  const order = notice.params["order_id"];
  const fresh = notice.read_at === null;
  return (
    <li className={fresh ? "inbox-notice fresh" : "inbox-notice"}>
      <div className="row">
        {fresh && <Pill tone="info">{t("list.fresh")}</Pill>}
        {notice.security && <Pill tone="warn">{t("list.security")}</Pill>}
        <strong>{notice.title}</strong>
        <span className="dim"><When at={notice.created_at} /></span>
      </div>
      <p>{notice.body}</p>
      <div className="row">
        {order !== undefined && may("orders:write") && <Link to={`/orders/${order}`}>{t("list.order")}</Link>}
        {notice.security && <Link to="/security">{t("list.not_me")}</Link>}
        {fresh && <Button kind="quiet" aria-label={t("list.read_one", { title: notice.title })} onPress={onRead}>{t("list.read")}</Button>}
      </div>
    </li>
  );
}
