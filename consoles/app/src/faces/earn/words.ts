// Numbers, days and terms as they stand inside sentences about fixed-income products.

import type { TFunction } from "i18next";
import { useMemo } from "react";
import { useTranslation } from "react-i18next";
import type { Tone } from "@/kit/values";
import { isZero, mul, ratio, type Decimal } from "@/money/decimal";
import { formatExact, type Language } from "@/money/format";
import { useSettings } from "@/settings/settings";
import type { Left, Tier } from "./model";

export interface Words {
  t: TFunction<readonly ["earn", "common"]>;
  language: Language;
  amount: (value: Decimal, asset: string) => string;
  /** Cut, not rounded up: nobody may read more than is paid. */
  percent: (share: Decimal, places?: number) => string;
  /** "30 days", "3 months". */
  tenor: (text: string) => string;
  /** "2 d 3 h", "59 min 05 s". */
  left: (left: Left) => string;
  /** "8 % on the first 10,000 USDT", then "6 % on what is above". */
  tiers: (tiers: readonly Tier[], asset: string) => string[];
  /** What an early end costs, in a sentence. */
  early: (terms: { early: string; payout_period: string; penal_rate?: Decimal }) => string;
}

const NAMESPACES = ["earn", "common"] as const;
const UNITS: Record<string, string> = { D: "days", M: "months", W: "weeks", Y: "years" };

export function useWords(): Words {
  const { t } = useTranslation(NAMESPACES);
  const { language } = useSettings().settings;
  return useMemo(() => {
    const amount = (value: Decimal, asset: string): string => `${formatExact(value, language)} ${asset}`;
    const percent = (share: Decimal, places = 4): string => `${formatExact(ratio(mul(share, "100"), "1", places), language)} %`;
    return {
      t, language, amount, percent,
      tenor: (text) => t(`tenor.${text.startsWith("1") && text.length === 2 ? "one." : ""}${UNITS[text.slice(-1)] ?? "days"}`, { n: text.slice(0, -1) }),
      left: ({ key, days, hours, minutes, seconds }) => t(`left.${key}`, { days, hours, minutes, seconds: String(seconds).padStart(2, "0") }),
      tiers: (tiers, asset) => tiers.map(({ above, apr }, at) => {
        const next = tiers[at + 1];
        if (next === undefined) return t(isZero(above) ? "tier.only" : "tier.last", { rate: percent(apr), above: amount(above, asset) });
        return t(isZero(above) ? "tier.first" : "tier.middle", { rate: percent(apr), above: amount(above, asset), until: amount(next.above, asset) });
      }),
      early: ({ early, payout_period, penal_rate = "0" }) => (
        t(early === "FORFEIT_CURRENT" && payout_period === "at_maturity" ? "early.FORFEIT_ALL" : `early.${early}`, { rate: percent(penal_rate) })
      ),
    };
  }, [t, language]);
}

export const STATUS_TONES: Record<string, Tone> = { active: "good", paid_out: "plain", redeemed_early: "plain", renewed: "info" };
export const ROW_TONES: Record<string, Tone> = { pending: "plain", paid: "good", void: "warn" };
export const PHASE_TONES: Record<string, Tone> = { on_sale: "good", sold_out: "warn", planned: "info", closed: "plain" };
