import type { ReactNode } from "react";
import { Pill } from "@/kit/values";
import type { Loan } from "./reads";
import { LEVEL_TONES, STATUS_TONES, useWords } from "./words";

/** While a loan runs its level counts; before and after that the state of the loan itself. */
export function State({ loan }: { loan: Pick<Loan, "status" | "level"> }): ReactNode {
  const { t } = useWords();
  if (loan.status !== "active") return <Pill tone={STATUS_TONES[loan.status] ?? "plain"}>{t(`status.${loan.status}`)}</Pill>;
  return <Pill tone={LEVEL_TONES[loan.level] ?? "plain"}>{t(`level.${loan.level}`)}</Pill>;
}
