import type { ReactNode } from "react";
import { Pill } from "@/kit/values";
import type { Withdrawal } from "../wire";
import { useWords, WITHDRAWAL_TONES } from "../words";

export function State({ of }: { of: Pick<Withdrawal, "status"> }): ReactNode {
  const { t } = useWords();
  return <Pill tone={WITHDRAWAL_TONES[of.status]}>{t(`withdrawal.status.${of.status}`)}</Pill>;
}
