import type { ReactNode } from "react";
import { Pill } from "@/kit/values";
import type { Subscription } from "../reads";
import { STATUS_TONES, useWords } from "../words";

export function State({ of }: { of: Pick<Subscription, "status"> }): ReactNode {
  const { t } = useWords();
  return <Pill tone={STATUS_TONES[of.status] ?? "plain"}>{t(`status.${of.status}`)}</Pill>;
}
