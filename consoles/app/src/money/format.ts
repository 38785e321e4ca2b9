// How amounts look: grouped by the reader's language, exact to the last digit. Intl takes decimal strings without rounding them to floats.

import { abs, isZero, mul, placesOf, sign, type Decimal } from "./decimal";

export type Language = "en" | "zh";

const LOCALES: Record<Language, string> = { en: "en-US", zh: "zh-CN" };
const made = new Map<string, Intl.NumberFormat>();

function formatter(language: Language, min: number, max: number, rounding: "trunc" | "halfExpand"): Intl.NumberFormat {
  const key = `${language}:${String(min)}:${String(max)}:${rounding}`;
  let found = made.get(key);
  if (found === undefined) {
    const options = { minimumFractionDigits: min, maximumFractionDigits: max, roundingMode: rounding };
    found = new Intl.NumberFormat(LOCALES[language], options);
    made.set(key, found);
  }
  return found;
}

function show(value: Decimal, language: Language, min: number, max: number, rounding: "trunc" | "halfExpand"): string {
  return formatter(language, min, max, rounding).format(value as Intl.StringNumericLiteral);
}

/** Every digit that is there, at least `min` of them behind the point. */
export function formatExact(value: Decimal, language: Language, min = 0): string {
  return show(value, language, min, 30, "trunc");
}

/** A price with the digits of its market's tick. */
export function formatPrice(value: Decimal, tick: Decimal, language: Language): string {
  const places = placesOf(tick);
  return show(value, language, places, places, "halfExpand");
}

/** Cut, not rounded up: nobody may see more than there is. */
export function formatCut(value: Decimal, places: number, language: Language): string {
  return show(value, language, places, places, "trunc");
}

/** With its sign in front, also for gains: colour alone says nothing to many. */
export function formatSigned(value: Decimal, language: Language, min = 0, max = 30): string {
  const body = show(abs(value), language, min, max, "trunc");
  if (isZero(value)) return body;
  return sign(value) > 0 ? `+${body}` : `−${body}`;
}

/** "0.0123" → "1.23 %". */
export function formatPercent(share: Decimal, language: Language, places = 2): string {
  return `${show(mul(share, "100"), language, places, places, "halfExpand")} %`;
}
