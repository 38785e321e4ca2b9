import { useQueryClient } from "@tanstack/react-query";
import { useState, type ReactNode } from "react";
import { useTranslation } from "react-i18next";
import { api, ask, type Schemas } from "@/api/client";
import { once } from "@/api/intent";
import { Confirm } from "@/kit/Dialog";
import { AmountField, Select } from "@/kit/fields";
import { useToasts } from "@/kit/toasts";
import { Amount } from "@/kit/values";
import { sub } from "@/money/decimal";

type Order = Schemas["PaymentOrderOut"];
type How = "all" | "units" | "amount";

const HOWS: readonly How[] = ["all", "units", "amount"];

/** Money back: all that is left with its units, some units at their price, or an amount without units. */
export function Refund({ order, onClose }: { order: Order; onClose: () => void }): ReactNode {
  const { t } = useTranslation("finance");
  const client = useQueryClient();
  const { tell } = useToasts();
  const [how, setHow] = useState<How>("all");
  const [amount, setAmount] = useState("");
  const [units, setUnits] = useState(1);
  const left = order.quantity - order.returned;
  const body: Schemas["RefundIn"] = how === "amount" ? { amount: amount.trim() } : how === "units" ? { quantity: units } : {};
  const act = async (): Promise<void> => {
    try {
      const params = { path: { id: order.id } };
      await once("refund", { id: order.id, body }, (header) => ask(api.POST("/v1/payment-orders/{id}/refund", { body, params: { ...params, header } })));
      tell(t("refund.done"), "good");
    } finally {
      void client.invalidateQueries({ queryKey: ["finance"] });
    }
  };
  return (
    <Confirm title={t("refund.title")} isOpen onClose={onClose} act={act} verb={t("refund.title")} danger>
      <p>{t("refund.what")}</p>
      <p>{t("payment.left")}: <Amount value={sub(order.amount, order.refunded)} asset={order.asset} /></p>
      <Select label={t("refund.how")} value={how} choices={HOWS.map((id) => ({ id, text: t(`refund.${id}`) }))} onChange={(id) => { setHow(HOWS.find((known) => known === id) ?? how); }} />
      {how === "units" && (
        <Select label={t("payment.quantity")} value={String(units)} onChange={(id) => { setUnits(countsUpTo(left).find((n) => String(n) === id) ?? units); }}
          choices={countsUpTo(left).map((n) => ({ id: String(n), text: String(n) }))} />
      )}
      {how === "amount" && <AmountField label={t("refund.amount_in", { asset: order.asset })} value={amount} onChange={setAmount} />}
    </Confirm>
  );
}

const MOST = 100;
const countsUpTo = (n: number): number[] => Array.from({ length: Math.min(n, MOST) }, (_, index) => index + 1);
