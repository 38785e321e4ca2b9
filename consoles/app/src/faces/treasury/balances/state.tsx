// How one balance stands, in a word.

import type { ReactNode } from "react";
import { useTranslation } from "react-i18next";
import { useNow } from "@/kit/age";
import { Pill } from "@/kit/values";
import { secondsSince } from "@/time/format";
import type { VenueBalance } from "../reads";

const OLD_S = 45; // a venue is asked every 15 s: three answers are missing

export function useIsOld(): (at: string | null) => boolean {
  const now = useNow();
  return (at) => at === null || secondsSince(at, now) > OLD_S;
}

export function BalanceState({ row, quiet = false }: { row: VenueBalance; quiet?: boolean }): ReactNode {
  const { t } = useTranslation("treasury");
  const isOld = useIsOld();
  return (
    <>
      {row.below_line && <Pill tone="bad">{t("balances.short")}</Pill>}
      {isOld(row.reported_at) && <Pill tone="warn">{t(row.reported_at === null ? "balances.never" : "balances.stale")}</Pill>}
      {!quiet && !row.below_line && !isOld(row.reported_at) && <Pill tone="good">{t("balances.ample")}</Pill>}
    </>
  );
}
