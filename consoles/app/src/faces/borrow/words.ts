// Numbers and states as they stand inside sentences about loans.

import type { TFunction } from "i18next";
import { useMemo } from "react";
import { useTranslation } from "react-i18next";
import type { Tone } from "@/kit/values";
import type { Decimal } from "@/money/decimal";
import { formatCut, formatExact, formatPercent } from "@/money/format";
import { useSettings } from "@/settings/settings";

export interface Words {
  t: TFunction<readonly ["borrow", "common"]>;
  amount: (value: Decimal, asset: string) => string;
  /** Cut to two digits: for worths of which the last digits only confuse. */
  about: (value: Decimal, asset: string) => string;
  percent: (share: Decimal, places?: number) => string;
  /** "BTC at 25,500 USDT", or "all prices 12.5 % lower". */
  reach: (found: Reach | null, quote: string) => string | null;
}

export interface Reach {
  asset?: string | null;
  price?: Decimal | null;
  /** The fall of all prices together, as a fraction. */
  fall?: Decimal | null;
}

const NAMESPACES = ["borrow", "common"] as const;

export function useWords(): Words {
  const { t } = useTranslation(NAMESPACES);
  const { language } = useSettings().settings;
  return useMemo(() => {
    const about = (value: Decimal, asset: string): string => `${formatCut(value, 2, language)} ${asset}`;
    const percent = (share: Decimal, places = 2): string => formatPercent(share, language, places);
    return {
      t, about, percent,
      amount: (value, asset) => `${formatExact(value, language)} ${asset}`,
      reach: (found, quote) => {
        if (found?.price !== null && found?.price !== undefined) return t("gauge.at_price", { asset: found.asset ?? "", price: about(found.price, quote) });
        if (found?.fall !== null && found?.fall !== undefined) return t("gauge.at_fall", { fall: percent(found.fall) });
        return null;
      },
    };
  }, [t, language]);
}

export const LEVEL_TONES: Record<string, Tone> = { HEALTHY: "good", WARNING: "warn", MARGIN_CALL: "bad", LIQUIDATING: "bad" };

export const STATUS_TONES: Record<string, Tone> = {
  applied: "info", active: "good", matured_overdue: "bad", liquidating: "bad", repaid: "plain", liquidated: "plain", bad_debt: "bad",
  written_off: "plain", cancelled: "plain", closed: "plain",
};
