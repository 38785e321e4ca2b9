// One sees the amount and pays that amount. Has the price changed, nothing is paid: a new order shows the new one.

import { useQueryClient } from "@tanstack/react-query";
import { useState, type ReactNode } from "react";
import { once } from "@/api/intent";
import { useWords } from "@/faces/retail/words";
import { Button } from "@/kit/Button";
import { Dialog } from "@/kit/Dialog";
import { Failed } from "@/kit/states";
import { useToasts } from "@/kit/toasts";
import { Amount, Facts, When } from "@/kit/values";
import { changedAmount, order as place, pay, type Payment } from "./payments";

interface Props {
  order: Payment;
  onClose: () => void;
  /** A new order at the new price, to be looked at before it is paid. */
  onRenewed: (order: Payment) => void;
}

export function PayDialog({ order, onClose, onRenewed }: Props): ReactNode {
  const { t, amount } = useWords("wallet");
  const client = useQueryClient();
  const { tell } = useToasts();
  const [busy, setBusy] = useState(false);
  const [error, setError] = useState<unknown>(null);
  const run = async (act: () => Promise<void>): Promise<void> => {
    setBusy(true);
    setError(null);
    try {
      await act();
    } catch (refused) {
      setError(refused);
    }
    setBusy(false);
    await Promise.all(["payment-orders", "balances", "statement", "products"].map((key) => client.invalidateQueries({ queryKey: [key] })));
  };
  const payNow = (): Promise<void> => run(async () => {
    const paid = await once("pay", `pay:${order.id}`, (header) => pay(order, header["Idempotency-Key"]));
    tell(t("wallet:pay.done", { sum: amount(paid.amount, paid.asset), sku: paid.sku }), "good");
    onClose();
  });
  const renew = (): Promise<void> => run(async () => { onRenewed(await once("pay", `renew:${order.id}`, (header) => place(order.sku, order.quantity, header["Idempotency-Key"]))); });
  const changed = changedAmount(error);
  return (
    <Dialog title={t("wallet:pay.verb")} isOpen onClose={onClose}>
      <Facts rows={[
        [t("wallet:pay.product"), `${order.quantity} × ${order.sku}`],
        [t("retail_more:col.price"), <Amount key="price" value={order.price} asset={order.asset} />],
        [t("wallet:pay.to_pay"), <strong key="sum"><Amount value={order.amount} asset={order.asset} /></strong>],
        [t("wallet:pay.until"), <When key="until" at={order.expires_at} />],
      ]} />
      {changed !== null && (
        <div className="notice warn" role="alert"><p>{t("wallet:pay.changed", { seen: amount(order.amount, order.asset), now: amount(changed, order.asset) })}</p></div>
      )}
      {error !== null && changed === null && <Failed error={error} />}
      <p className="dim">{t("wallet:pay.means")}</p>
      <div className="row">
        {changed === null
          ? <Button kind="primary" busy={busy} autoFocus onPress={() => void payNow()}>{t("wallet:pay.now", { sum: amount(order.amount, order.asset) })}</Button>
          : <Button kind="primary" busy={busy} onPress={() => void renew()}>{t("wallet:pay.refresh")}</Button>}
        <Button onPress={onClose}>{t("common:action.close")}</Button>
      </div>
    </Dialog>
  );
}
