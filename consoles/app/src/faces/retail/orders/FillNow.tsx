// Waiting no longer: the resting order and a market order for what is left change places in one transaction.

import { useQueryClient } from "@tanstack/react-query";
import { useState, type ReactNode } from "react";
import { useNavigate } from "react-router";
import { api, ask } from "@/api/client";
import { once } from "@/api/intent";
import { assetsOf } from "@/faces/retail/markets";
import { useWords } from "@/faces/retail/words";
import { Button } from "@/kit/Button";
import { Confirm } from "@/kit/Dialog";
import { sub } from "@/money/decimal";
import type { Order } from "./model";
import { refreshOrders } from "./queries";

export function FillNow({ order }: { order: Order }): ReactNode {
  const { t, amount } = useWords();
  const client = useQueryClient();
  const navigate = useNavigate();
  const [open, setOpen] = useState(false);
  if (order.status !== "resting" || order.pair_id !== null || order.algo !== null) return null;
  const left = sub(order.quantity, order.filled_quantity);
  const said = { side: t(`retail_more:verb.${order.side}`), left: amount(left, assetsOf(order.symbol)[0]) };
  const act = async (): Promise<void> => {
    try {
      const placed = await once("fill-now", `${order.id}:${left}`, (header) => ask(api.POST("/v1/orders/{order_id}/replace", {
        params: { path: { order_id: order.id }, header },
        body: { symbol: order.symbol, side: order.side === "buy" ? "buy" : "sell", type: "market", quantity: left, venue: order.venue, post_only: false },
      })));
      void navigate(`/orders/${placed.id}`);
    } finally {
      await refreshOrders(client);
    }
  };
  return (
    <div>
      <Button onPress={() => { setOpen(true); }}>{t("retail_more:now.verb")}</Button>
      <Confirm title={t("retail_more:now.verb")} isOpen={open} onClose={() => { setOpen(false); }} act={act} verb={t("retail_more:now.verb")} danger>
        <p>{t("retail_more:now.ask", said)}</p>
        <p className="dim">{t("retail_more:now.means")}</p>
      </Confirm>
    </div>
  );
}
