// The price became worse than what stood on the screen. Nothing was sent; the customer sees the new price and decides.

import type { ReactNode } from "react";
import { useTranslation } from "react-i18next";
import { idempotencyKey } from "@/api/client";
import { Button } from "@/kit/Button";
import { Dialog } from "@/kit/Dialog";
import { Facts, Percent, Price } from "@/kit/values";
import { abs, ratio, sub } from "@/money/decimal";
import type { Market } from "../data";
import type { Request } from "./body";
import type { Phase } from "./useSending";

interface Props {
  phase: Extract<Phase, { at: "price_changed" }>;
  market: Market;
  send: (request: Request) => Promise<void>;
  onClose: () => void;
}

export function PriceChanged({ phase, market, send, onClose }: Props): ReactNode {
  const { t } = useTranslation(["retail", "common"]);
  const { request, current } = phase;
  const expected = request.to === "order" ? (request.body.expected_price ?? null) : null;
  const accept = (): void => {
    if (request.to !== "order") return;
    void send({ to: "order", body: { ...request.body, expected_price: current, client_order_id: idempotencyKey() } });
  };
  return (
    <Dialog title={t("trade.changed.title")} isOpen onClose={onClose} role="alertdialog">
      <p>{t("trade.changed.text")}</p>
      <Facts rows={[
        [t("trade.changed.expected"), <Price key="e" value={expected} tick={market.tick} />],
        [t("trade.changed.current"), <b key="c"><Price value={current} tick={market.tick} /></b>],
        [t("trade.changed.worse"), expected === null ? "–" : <Percent key="w" share={ratio(abs(sub(current, expected)), expected, 6)} places={3} />],
      ]} />
      <div className="row">
        <Button kind="primary" autoFocus onPress={accept}>{t("trade.changed.accept")}</Button>
        <Button onPress={onClose}>{t("common:action.cancel")}</Button>
      </div>
    </Dialog>
  );
}
