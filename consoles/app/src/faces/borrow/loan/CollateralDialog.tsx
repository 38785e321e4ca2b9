// More collateral in, or what is not needed out.

import { useState, type ReactNode } from "react";
import { once } from "@/api/intent";
import { useBalances } from "@/faces/retail/wallet/balances";
import { Confirm } from "@/kit/Dialog";
import { AmountField, Select } from "@/kit/fields";
import { useToasts } from "@/kit/toasts";
import { canonical, isDecimal, lessThan, sign } from "@/money/decimal";
import { topUp, withdraw } from "../reads";
import { useWords } from "../words";
import type { DialogProps } from "./Actions";

export function CollateralDialog({ loan, deed, onClose, onDone }: DialogProps & { deed: "top_up" | "withdraw" }): ReactNode {
  const { t, amount } = useWords();
  const { tell } = useToasts();
  const { data: balances = [] } = useBalances();
  const assets = loan.collateral.map(({ asset }) => asset);
  const [chosen, setChosen] = useState(assets[0] ?? "");
  const [typed, setTyped] = useState("");
  const there = deed === "top_up"
    ? balances.find(({ asset }) => asset === chosen)?.available ?? "0"
    : loan.collateral.find(({ asset }) => asset === chosen)?.withdrawable ?? "0";
  const quantity = isDecimal(typed) && sign(canonical(typed)) > 0 ? canonical(typed) : null;
  const short = quantity !== null && lessThan(there, quantity);
  const act = async (): Promise<void> => {
    const body = { asset: chosen, quantity: quantity ?? "0" };
    try {
      await once(`${deed} ${loan.id}`, body, (header) => (deed === "top_up" ? topUp : withdraw)(loan.id, body, header));
      tell(t(`collateral.done.${deed}`, { sum: amount(body.quantity, chosen) }), "good");
    } finally {
      await onDone();
    }
  };
  return (
    <Confirm title={t(`act.${deed}`)} isOpen onClose={onClose} act={act} verb={t(`act.${deed}`)} ready={quantity !== null && !short}>
      <Select label={t("collateral.asset")} value={chosen} onChange={setChosen} choices={assets.map((asset) => ({ id: asset, text: asset }))} />
      <AmountField label={t(`collateral.quantity.${deed}`, { most: amount(there, chosen) })} value={typed} onChange={setTyped} isRequired
        error={short ? t(`collateral.short.${deed}`) : undefined} />
      <p>{t(`collateral.means.${deed}`)}</p>
    </Confirm>
  );
}
