// Amounts inside sentences, in the reader's language.

import { useMemo } from "react";
import { isDecimal, type Decimal } from "@/money/decimal";
import { formatExact, formatPercent, formatPrice } from "@/money/format";
import { useSettings } from "@/settings/settings";

interface Format {
  price: (value: Decimal, tick: Decimal) => string;
  exact: (value: Decimal) => string;
  percent: (share: Decimal, places?: number) => string;
  /** Every decimal among the values of a sentence. */
  all: (values: Record<string, string> | undefined) => Record<string, string>;
}

export function useFormat(): Format {
  const { language } = useSettings().settings;
  return useMemo(() => ({
    price: (value, tick) => formatPrice(value, tick, language),
    exact: (value) => formatExact(value, language),
    percent: (share, places) => formatPercent(share, language, places),
    all: (values = {}) => Object.fromEntries(
      Object.entries(values).map(([name, value]) => [name, isDecimal(value) ? formatExact(value, language) : value]),
    ),
  }), [language]);
}
