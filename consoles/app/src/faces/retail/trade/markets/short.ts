// A turnover at a glance: "61.1 M". Only where size matters and digits do not.

import { abs, atLeast, ratio, type Decimal } from "@/money/decimal";
import { formatCut, type Language } from "@/money/format";

const UNITS: Record<Language, readonly (readonly [Decimal, string])[]> = {
  en: [["1000000000", " B"], ["1000000", " M"], ["1000", " K"]],
  zh: [["100000000", " 亿"], ["10000", " 万"]],
};

export function short(value: Decimal, language: Language): string {
  const unit = UNITS[language].find(([size]) => atLeast(abs(value), size));
  return unit === undefined ? formatCut(value, 2, language) : formatCut(ratio(value, unit[0], 4), 2, language) + unit[1];
}
