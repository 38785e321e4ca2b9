// Changing a resting order. Less keeps its place in time; everything else sends it to the end of its price.

import { useQueryClient } from "@tanstack/react-query";
import { useState, type ReactNode } from "react";
import { api, ask, type Schemas } from "@/api/client";
import { assetsOf } from "@/faces/retail/markets";
import { useWords } from "@/faces/retail/words";
import { Confirm } from "@/kit/Dialog";
import { AmountField } from "@/kit/fields";
import { useToasts } from "@/kit/toasts";
import { Pill } from "@/kit/values";
import { canonical, compare, isDecimal, lessThan, sign } from "@/money/decimal";
import type { Order } from "./model";
import { refreshOrders } from "./queries";

type Change = Schemas["ChangeIn"];
const FIELDS = ["quantity", "limit_price", "stop_price"] as const;
type Field = (typeof FIELDS)[number];

/** What differs from the order as it stands; null while something typed is no positive amount. */
function changeOf(order: Order, typed: Record<Field, string>): Change | null {
  const change: Change = {};
  for (const field of FIELDS) {
    const now = order[field];
    if (now === null) continue;
    if (!isDecimal(typed[field]) || sign(canonical(typed[field])) <= 0) return null;
    if (compare(canonical(typed[field]), now) !== 0) change[field] = canonical(typed[field]);
  }
  return change;
}

export function AmendDialog({ order, onClose }: { order: Order; onClose: () => void }): ReactNode {
  const { t } = useWords();
  const client = useQueryClient();
  const { tell } = useToasts();
  const [typed, setTyped] = useState({ quantity: order.quantity, limit_price: order.limit_price ?? "", stop_price: order.stop_price ?? "" });
  const [base, quote] = assetsOf(order.symbol);
  const change = changeOf(order, typed);
  const act = async (): Promise<void> => {
    if (change === null) return;
    try {
      await ask(api.PATCH("/v1/orders/{order_id}", { params: { path: { order_id: order.id } }, body: change }));
      tell(t("retail_more:amend.done"), "good");
    } finally {
      await refreshOrders(client);
    }
  };
  return (
    <Confirm title={t("retail_more:amend.title", { symbol: order.symbol })} isOpen onClose={onClose} act={act} verb={t("retail_more:amend.verb")}
      ready={change !== null && Object.keys(change).length > 0}>
      {FIELDS.filter((field) => order[field] !== null).map((field) => (
        <AmountField key={field} label={`${t(`retail_more:amend.${field}`)} (${field === "quantity" ? base : quote})`} value={typed[field]}
          onChange={(value) => { setTyped({ ...typed, [field]: value }); }} />
      ))}
      <div><Place order={order} change={change} /></div>
      <p className="dim">{t("retail_more:amend.means")}</p>
    </Confirm>
  );
}

function Place({ order, change }: { order: Order; change: Change | null }): ReactNode {
  const { t } = useWords();
  if (change === null) return <Pill tone="bad">{t("retail_more:amend.invalid")}</Pill>;
  if (Object.keys(change).length === 0) return <Pill>{t("retail_more:amend.nothing")}</Pill>;
  const smaller = typeof change.quantity !== "string" || lessThan(change.quantity, order.quantity);
  const kept = smaller && change.limit_price === undefined && change.stop_price === undefined;
  return kept ? <Pill tone="good">{t("retail_more:amend.kept")}</Pill> : <Pill tone="warn">{t("retail_more:amend.lost")}</Pill>;
}
