import { Suspense, type ReactNode } from "react";
import { useWords } from "@/faces/retail/words";
import { Button } from "@/kit/Button";
import { Dialog } from "@/kit/Dialog";
import { part } from "@/kit/part";
import { Skeleton } from "@/kit/states";

const OrderDetail = part(async () => ({ default: (await import("./OrderDetail")).OrderDetail }));

export function OrderDialog({ id, onClose }: { id: string; onClose: () => void }): ReactNode {
  const { t } = useWords();
  return (
    <Dialog title={t("retail_more:room.order")} isOpen onClose={onClose} wide>
      <Suspense fallback={<Skeleton lines={8} />}><OrderDetail id={id} /></Suspense>
      <div className="row">
        <Button onPress={onClose} autoFocus>{t("common:action.close")}</Button>
        <a href={`/orders/${id}`}>{t("retail_more:detail.own_page")}</a>
      </div>
    </Dialog>
  );
}
