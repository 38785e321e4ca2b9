// How one balance stands, in a word: what is not known is never well.

import type { ReactNode } from "react";
import { useTranslation } from "react-i18next";
import { Pill, type Tone } from "@/kit/values";
import type { Balance } from "../reads";

const TONE: Record<Balance["level"], Tone> = { ok: "good", warning: "warn", critical: "bad", unknown: "warn" };

export function LevelPill({ row }: { row: Balance }): ReactNode {
  const { t } = useTranslation("treasury");
  return <Pill tone={TONE[row.level]}>{t(row.level === "unknown" && row.reported_at === null ? "balances.never" : `balances.level.${row.level}`)}</Pill>;
}
