// What a customer may do with a loan. Each deed says what will happen before it happens, and the loan is read again after it.

import { useQueryClient } from "@tanstack/react-query";
import { useState, type ReactNode } from "react";
import { Button } from "@/kit/Button";
import { CollateralDialog } from "./CollateralDialog";
import { ExtendDialog } from "./ExtendDialog";
import { RepayDialog } from "./RepayDialog";
import type { Loan } from "../reads";
import { useWords } from "../words";

export type Deed = "repay" | "top_up" | "withdraw" | "extend";
const DEEDS = ["repay", "top_up", "withdraw", "extend"] as const;

export interface DialogProps {
  loan: Loan;
  onClose: () => void;
  /** After it was done or refused: what is on the screen is old. */
  onDone: () => Promise<void>;
}

export function Actions({ loan }: { loan: Loan }): ReactNode {
  const { t } = useWords();
  const client = useQueryClient();
  const [open, setOpen] = useState<Deed | null>(null);
  const props: DialogProps = {
    loan,
    onClose: () => { setOpen(null); },
    onDone: async () => { await Promise.all(["loans", "loan", "balances"].map((key) => client.invalidateQueries({ queryKey: [key] }))); },
  };
  return (
    <>
      <div className="row">
        {DEEDS.map((deed) => (
          <Button key={deed} kind={deed === "repay" ? "primary" : "plain"} onPress={() => { setOpen(deed); }}>{t(`act.${deed}`)}</Button>
        ))}
      </div>
      {open === "repay" && <RepayDialog {...props} />}
      {(open === "top_up" || open === "withdraw") && <CollateralDialog key={open} {...props} deed={open} />}
      {open === "extend" && <ExtendDialog {...props} />}
    </>
  );
}
