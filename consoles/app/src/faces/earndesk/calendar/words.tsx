import type { ReactNode } from "react";
import { useTranslation } from "react-i18next";
import { Pill, type Tone } from "@/kit/values";
import type { CalendarDay } from "../reads";

const TONES: Record<CalendarDay["status"], Tone> = { planned: "plain", on_sale: "good", sold_out: "warn", closed: "plain", running: "info", matured: "plain", withdrawn: "bad" };

/** Where a day of sale stands, in a word and a colour. */
export function SaleState({ of }: { of: CalendarDay["status"] }): ReactNode {
  const { t } = useTranslation("earndesk_calendar");
  return <Pill tone={TONES[of]}>{t(`state.${of}`)}</Pill>;
}
