import { useState, type ReactNode } from "react";
import { Button } from "@/kit/Button";
import { save } from "@/kit/save";
import { useToasts } from "@/kit/toasts";
import { loadStatement, type Loan } from "../reads";
import { useWords } from "../words";

const FORMATS = ["pdf", "csv", "json"] as const;
type Format = (typeof FORMATS)[number];

/** Every movement of the loan as a file. */
export function Statement({ loan }: { loan: Loan }): ReactNode {
  const { t } = useWords();
  const { refused } = useToasts();
  const [busy, setBusy] = useState<Format | null>(null);
  const load = async (format: Format): Promise<void> => {
    setBusy(format);
    try {
      save(`loan-${loan.id}.${format}`, await loadStatement(loan.id, format));
    } catch (error) {
      refused(error);
    } finally {
      setBusy(null);
    }
  };
  return (
    <div className="stack">
      <p className="dim">{t("statement.note")}</p>
      <div className="row">
        {FORMATS.map((format) => <Button key={format} busy={busy === format} onPress={() => void load(format)}>{t("statement.as", { format: format.toUpperCase() })}</Button>)}
      </div>
    </div>
  );
}
