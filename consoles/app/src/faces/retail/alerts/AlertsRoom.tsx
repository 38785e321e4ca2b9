import type { ReactNode } from "react";
import { useOwnEvents } from "@/faces/retail/orders/useOwnEvents";
import { useWords } from "@/faces/retail/words";
import { Panel } from "@/kit/Panel";
import { AlertForm } from "./AlertForm";
import { AlertList } from "./AlertList";
import "../retail-more.css";

export default function AlertsRoom(): ReactNode {
  const { t } = useWords();
  useOwnEvents();
  return (
    <div className="stack">
      <h1>{t("retail_more:room.alerts")}</h1>
      <div className="retail-split">
        <Panel title={t("retail_more:alert.new")}><AlertForm /></Panel>
        <Panel title={t("retail_more:alert.list")}><AlertList /></Panel>
      </div>
    </div>
  );
}
