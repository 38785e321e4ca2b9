// Standing orders: the house tops up or repays from one's own balance. Off unless one wants it.

import { useQueryClient } from "@tanstack/react-query";
import { useState, type ReactNode } from "react";
import { useToasts } from "@/kit/toasts";
import { setOptions, type Loan } from "../reads";
import { useWords } from "../words";

export function Options({ loan }: { loan: Loan }): ReactNode {
  return <div className="stack"><Tick loan={loan} name="auto_top_up" /><Tick loan={loan} name="auto_repay" /></div>;
}

function Tick({ loan, name }: { loan: Loan; name: "auto_top_up" | "auto_repay" }): ReactNode {
  const { t } = useWords();
  const client = useQueryClient();
  const { refused } = useToasts();
  const [busy, setBusy] = useState(false);
  const change = async (wanted: boolean): Promise<void> => {
    setBusy(true);
    try {
      await setOptions(loan.id, { [name]: wanted });
    } catch (error) {
      refused(error);
    } finally {
      await client.invalidateQueries({ queryKey: ["loan", loan.id] });
      setBusy(false);
    }
  };
  return (
    <label className="borrow-tick">
      <input type="checkbox" checked={loan[name]} disabled={busy} aria-busy={busy} onChange={(event) => void change(event.target.checked)} />
      <span><strong>{t(`option.${name}`)}</strong><br /><span className="dim">{t(`option.means.${name}`)}</span></span>
    </label>
  );
}
