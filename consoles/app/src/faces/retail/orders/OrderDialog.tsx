import type { ReactNode } from "react";
import { useWords } from "@/faces/retail/words";
import { Button } from "@/kit/Button";
import { Dialog } from "@/kit/Dialog";
import { OrderDetail } from "./OrderDetail";

export function OrderDialog({ id, onClose }: { id: string; onClose: () => void }): ReactNode {
  const { t } = useWords();
  return (
    <Dialog title={t("retail_more:room.order")} isOpen onClose={onClose} wide>
      <OrderDetail id={id} />
      <div className="row">
        <Button onPress={onClose} autoFocus>{t("common:action.close")}</Button>
        <a href={`/orders/${id}`}>{t("retail_more:detail.own_page")}</a>
      </div>
    </Dialog>
  );
}
