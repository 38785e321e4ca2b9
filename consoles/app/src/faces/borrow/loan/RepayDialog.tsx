// Pay a part, or everything: then the collateral comes back. Or let a sale of the collateral pay it.

import { useState, type ReactNode } from "react";
import { once } from "@/api/intent";
import { useBalances } from "@/faces/retail/wallet/balances";
import { Confirm } from "@/kit/Dialog";
import { AmountField, Select } from "@/kit/fields";
import { useToasts } from "@/kit/toasts";
import { canonical, isDecimal, lessThan, sign } from "@/money/decimal";
import { repay } from "../reads";
import { useWords } from "../words";
import type { DialogProps } from "./Actions";

type Way = "full" | "part" | "collateral";

export function RepayDialog({ loan, onClose, onDone }: DialogProps): ReactNode {
  const { t, amount } = useWords();
  const { tell } = useToasts();
  const { data: balances = [] } = useBalances();
  const [way, setWay] = useState<Way>("full");
  const [typed, setTyped] = useState("");
  const there = balances.find(({ asset }) => asset === loan.asset)?.available ?? "0";
  const sum = isDecimal(typed) && sign(canonical(typed)) > 0 ? canonical(typed) : null;
  const wanted = way === "part" ? sum : loan.debt;
  const short = way !== "collateral" && wanted !== null && lessThan(there, wanted);
  const act = async (): Promise<void> => {
    const body = { full: way === "full", from_collateral: way === "collateral", ...(way === "part" ? { amount: sum ?? "0" } : {}) };
    try {
      await once(`repay ${loan.id}`, body, (header) => repay(loan.id, body, header));
      tell(t(way === "collateral" ? "repay.selling" : "repay.done"), "good");
    } finally {
      await onDone();
    }
  };
  return (
    <Confirm title={t("act.repay")} isOpen onClose={onClose} act={act} verb={t("act.repay")} danger={way === "collateral"} ready={wanted !== null && !short}>
      <Select label={t("repay.way")} value={way} onChange={(id) => { setWay(id as Way); }} choices={[
        { id: "full", text: t("repay.full", { sum: amount(loan.debt, loan.asset) }) }, { id: "part", text: t("repay.part") }, { id: "collateral", text: t("repay.collateral") },
      ]} />
      {way === "part" && <AmountField label={t("repay.amount", { asset: loan.asset })} value={typed} onChange={setTyped} isRequired />}
      <p>{t(`repay.means.${way}`)}</p>
      {way !== "collateral" && <p className={short ? "down" : "dim"}>{t("repay.there", { sum: amount(there, loan.asset) })}</p>}
    </Confirm>
  );
}
