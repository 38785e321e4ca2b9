import { useState, type ReactNode } from "react";
import { useTranslation } from "react-i18next";
import { Fills } from "@/faces/retail/orders/Fills";
import { OpenOrders } from "@/faces/retail/orders/OpenOrders";
import { OrderHistory } from "@/faces/retail/orders/OrderHistory";
import { Tabs } from "@/kit/Tabs";

/** What one has done here: open orders, history and fills, of this market or of all. */
export function ActivityTabs({ symbol }: { symbol: string }): ReactNode {
  const { t } = useTranslation("retail");
  const [all, setAll] = useState(false);
  const only = all ? {} : { symbol };
  return (
    <section className="panel panel-body retail-activity" aria-label={t("trade.activity.title")}>
      <label className="retail-check">
        <input type="checkbox" checked={all} onChange={(event) => { setAll(event.target.checked); }} />
        {t("trade.activity.all")}
      </label>
      <Tabs label={t("trade.activity.title")} tabs={[
        { id: "open", title: t("trade.activity.open"), body: () => <OpenOrders {...only} /> },
        { id: "history", title: t("trade.activity.history"), body: () => <OrderHistory {...only} /> },
        { id: "fills", title: t("trade.activity.fills"), body: () => <Fills {...only} /> },
      ]} />
    </section>
  );
}
