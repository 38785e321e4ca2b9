// Numbers and times as they stand inside sentences, in the reader's language and zone.

import type { TFunction } from "i18next";
import { useMemo } from "react";
import { useTranslation } from "react-i18next";
import type { Decimal } from "@/money/decimal";
import { formatCut, formatExact, formatPercent, formatPrice } from "@/money/format";
import { useSettings } from "@/settings/settings";
import { formatTime } from "@/time/format";
import { assetsOf, useMarkets } from "./markets";

export interface Words {
  t: TFunction<readonly ["retail_more", "common"]>;
  amount: (value: Decimal, asset: string) => string;
  /** With two digits behind the point, cut: for sums of money of which the last digits only confuse. */
  about: (value: Decimal, asset: string) => string;
  /** A price with the digits of its market. */
  tick: (price: Decimal, symbol: string) => string;
  /** The same with its quote asset. */
  price: (value: Decimal, symbol: string) => string;
  percent: (share: Decimal, places?: number) => string;
  time: (at: string) => string;
}

const NAMESPACES = ["retail_more", "common"] as const;
const WITH = { wallet: [...NAMESPACES, "wallet"], order_story: [...NAMESPACES, "order_story"] } as const;

/** @param more texts that few rooms need, and that the trade page does not load. */
export function useWords(more?: keyof typeof WITH): Words {
  const { t } = useTranslation(more === undefined ? NAMESPACES : WITH[more]);
  const { settings: { language, zone } } = useSettings();
  const markets = useMarkets();
  return useMemo(() => {
    const tick = (value: Decimal, symbol: string): string => {
      const step = markets.get(symbol)?.tick;
      return step === undefined ? formatExact(value, language) : formatPrice(value, step, language);
    };
    return {
      t,
      tick,
      amount: (value, asset) => `${formatExact(value, language)} ${asset}`,
      about: (value, asset) => `${formatCut(value, 2, language)} ${asset}`,
      price: (value, symbol) => `${tick(value, symbol)} ${assetsOf(symbol)[1]}`,
      percent: (share, places = 2) => formatPercent(share, language, places),
      time: (at) => formatTime(at, zone),
    };
  }, [t, language, zone, markets]);
}
