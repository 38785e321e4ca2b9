import type { ReactNode } from "react";
import { useTranslation } from "react-i18next";
import { Panel } from "@/kit/Panel";
import { List } from "./List";
import { Preferences } from "./Preferences";
import "./inbox.css";

/** What one was told, and where one wants to be told. */
export default function InboxRoom(): ReactNode {
  const { t } = useTranslation("inbox");
  return (
    <div className="stack inbox">
      <h1>{t("room.inbox")}</h1>
      <Panel title={t("list.title")}><List /></Panel>
      <Panel title={t("wish.title")}><Preferences /></Panel>
    </div>
  );
}
