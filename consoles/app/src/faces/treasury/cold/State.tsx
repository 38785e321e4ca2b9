import type { ReactNode } from "react";
import { useTranslation } from "react-i18next";
import { Pill, type Tone } from "@/kit/values";
import type { ColdState } from "./wire";

const TONES: Record<ColdState, Tone> = {
  waiting_approval: "warn", asked: "info", drafted: "warn", signed: "info", broadcast: "info", confirming: "info", final: "good", failed: "bad", cancelled: "plain", refused: "bad",
};

export function State({ of }: { of: ColdState }): ReactNode {
  const { t } = useTranslation("treasury_cold");
  return <Pill tone={TONES[of]}>{t(`state.${of}`)}</Pill>;
}
