import type { ReactNode } from "react";
import { useWords } from "@/faces/retail/words";
import { Tabs } from "@/kit/Tabs";
import { Fills } from "./Fills";
import { Notices } from "./Notices";
import { OpenOrders } from "./OpenOrders";
import { OrderHistory } from "./OrderHistory";
import { useOwnEvents } from "./useOwnEvents";
import "../retail-more.css";

export default function OrdersRoom(): ReactNode {
  const { t } = useWords();
  useOwnEvents();
  return (
    <div className="stack">
      <h1>{t("retail_more:room.orders")}</h1>
      <section className="panel panel-body" aria-label={t("retail_more:room.orders")}>
        <Tabs label={t("retail_more:room.orders")} tabs={[
          { id: "open", title: t("retail_more:orders.open"), body: () => <OpenOrders /> },
          { id: "history", title: t("retail_more:orders.history"), body: () => <OrderHistory /> },
          { id: "fills", title: t("retail_more:fills.title"), body: () => <Fills /> },
          { id: "notices", title: t("retail_more:notice.title"), body: () => <Notices /> },
        ]} />
      </section>
    </div>
  );
}
