import { useState, type ReactNode } from "react";
import { once } from "@/api/intent";
import { Confirm } from "@/kit/Dialog";
import { Select } from "@/kit/fields";
import { Loaded } from "@/kit/states";
import { useToasts } from "@/kit/toasts";
import { extend, useProducts } from "../reads";
import { useWords } from "../words";
import type { DialogProps } from "./Actions";

/** Another term after this one: interest and a fee are paid now, the principal later. */
export function ExtendDialog({ loan, onClose, onDone }: DialogProps): ReactNode {
  const { t, percent } = useWords();
  const { tell } = useToasts();
  const products = useProducts();
  const product = products.data?.find(({ id }) => id === loan.product_id);
  const [chosen, setChosen] = useState<string | null>(null);
  const days = product?.tenors.find((tenor) => String(tenor) === chosen) ?? product?.tenors[0];
  const act = async (): Promise<void> => {
    const body = { tenor_days: days ?? 0 };
    try {
      await once(`extend ${loan.id}`, body, (header) => extend(loan.id, body, header));
      tell(t("extend.done"), "good");
    } finally {
      await onDone();
    }
  };
  return (
    <Confirm title={t("act.extend")} isOpen onClose={onClose} act={act} verb={t("act.extend")} ready={days !== undefined}>
      <Loaded query={products}>
        {() => (product === undefined ? <p>{t("extend.gone")}</p> : (
          <>
            <Select label={t("offer.tenor")} value={String(days)} onChange={setChosen} choices={product.tenors.map((n) => ({ id: String(n), text: t("terms.days", { n }) }))} />
            <p>{t("extend.means", { fee: percent(product.extension_fee_rate) })}</p>
          </>
        ))}
      </Loaded>
    </Confirm>
  );
}
