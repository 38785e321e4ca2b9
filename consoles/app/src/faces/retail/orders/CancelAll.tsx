import { useQueryClient } from "@tanstack/react-query";
import { useState, type ReactNode } from "react";
import { api, ask } from "@/api/client";
import { useWords } from "@/faces/retail/words";
import { Button } from "@/kit/Button";
import { Confirm } from "@/kit/Dialog";
import { useToasts } from "@/kit/toasts";
import { refreshOrders } from "./queries";

/** Ends everything that is open, of one market or of all, after asking. */
export function CancelAll({ symbol, count }: { symbol: string | undefined; count: number }): ReactNode {
  const { t } = useWords();
  const client = useQueryClient();
  const { tell } = useToasts();
  const [asked, setAsked] = useState(false);
  const act = async (): Promise<void> => {
    try {
      const { orders } = await ask(api.DELETE("/v1/orders", { params: { query: symbol === undefined ? {} : { symbol } } }));
      tell(t("retail_more:orders.cancelled_all", { count: orders.length }));
    } finally {
      await refreshOrders(client);
    }
  };
  return (
    <>
      <Button kind="danger" onPress={() => { setAsked(true); }}>{t("retail_more:orders.cancel_all")}</Button>
      <Confirm title={t("retail_more:orders.cancel_all")} isOpen={asked} onClose={() => { setAsked(false); }} act={act} danger
        verb={t("retail_more:orders.cancel_all")}>
        <p>{symbol === undefined ? t("retail_more:orders.cancel_all_ask", { count }) : t("retail_more:orders.cancel_market_ask", { count, symbol })}</p>
        <p className="dim">{t("retail_more:orders.cancel_all_means")}</p>
      </Confirm>
    </>
  );
}
