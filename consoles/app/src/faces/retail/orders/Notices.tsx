import type { ReactNode } from "react";
import { Link } from "react-router";
import { useWords } from "@/faces/retail/words";
import { Empty } from "@/kit/states";
import { Pill, When } from "@/kit/values";
import { noticeText, toneOf, useNotices } from "./notices";
import "../retail-more.css";

/** What happened while one was here, also after the messages have passed. */
export function Notices(): ReactNode {
  const words = useWords();
  const { t } = words;
  const notices = useNotices();
  if (notices.length === 0) return <Empty title={t("retail_more:notice.none")} />;
  return (
    <ul className="retail-notices">
      {notices.map((notice) => (
        <li key={notice.seq} className="row">
          <When at={notice.order.updated_at} />
          <Pill tone={toneOf(notice)}>{t(`retail_more:notice.word_${notice.kind}`)}</Pill>
          <span>{noticeText(words, notice)}</span>
          <Link to={`/orders/${notice.order.id}`}>{t("retail_more:orders.details")}</Link>
        </li>
      ))}
    </ul>
  );
}
