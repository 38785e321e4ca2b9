// Amounts stay decimal strings from the wire to the screen; arithmetic on them is exact. Nothing here makes a binary float.

import Big from "big.js";

Big.strict = true; // a number instead of a string is a mistake and throws
Big.PE = 60; // no exponents in texts
Big.NE = -60;

export type Decimal = string;

const PLAIN = /^-?(\d+(\.\d*)?|\.\d+)$/;

/** Whether a person's input is a decimal number; "1." and ".5" are on the way to one. */
export function isDecimal(text: string): boolean {
  return PLAIN.test(text.trim());
}

/** Canonical form: no leading or trailing zeros. */
export function canonical(text: string): Decimal {
  const plain = text.trim().replace(/\.$/, "").replace(/^(-?)\./, "$10.");
  return new Big(plain).toFixed();
}

export const add = (a: Decimal, b: Decimal): Decimal => new Big(a).plus(b).toFixed();
export const sub = (a: Decimal, b: Decimal): Decimal => new Big(a).minus(b).toFixed();
export const mul = (a: Decimal, b: Decimal): Decimal => new Big(a).times(b).toFixed();
export const neg = (a: Decimal): Decimal => new Big(a).neg().toFixed();
export const abs = (a: Decimal): Decimal => new Big(a).abs().toFixed();
export const compare = (a: Decimal, b: Decimal): -1 | 0 | 1 => new Big(a).cmp(b);
export const isZero = (a: Decimal): boolean => new Big(a).eq("0");
export const sign = (a: Decimal): -1 | 0 | 1 => compare(a, "0");
export const lessThan = (a: Decimal, b: Decimal): boolean => compare(a, b) < 0;
export const atLeast = (a: Decimal, b: Decimal): boolean => compare(a, b) >= 0;
export const larger = (a: Decimal, b: Decimal): Decimal => (compare(a, b) >= 0 ? a : b);
export const smaller = (a: Decimal, b: Decimal): Decimal => (compare(a, b) <= 0 ? a : b);
export const total = (values: readonly Decimal[]): Decimal => values.reduce(add, "0");

/** a ÷ b, cut after `places` digits (towards zero): for what is shown, never for what is booked. b must not be zero. */
export function ratio(a: Decimal, b: Decimal, places = 8): Decimal {
  const quotient = new Big(a).times(new Big("10").pow(places)).div(b).round(0, Big.roundDown);
  return quotient.div(new Big("10").pow(places)).toFixed();
}

/** The multiple of `step` that is nearest to zero from `value`: what a venue's grid leaves of a quantity. */
export function toGrid(value: Decimal, step: Decimal): Decimal {
  if (isZero(step)) return value;
  return new Big(value).div(step).round(0, Big.roundDown).times(step).toFixed();
}

/** Digits behind the point of a grid step: "0.0100" → 2. */
export function placesOf(step: Decimal): number {
  const fraction = new Big(step).toFixed().split(".")[1];
  return fraction?.length ?? 0;
}

/** Ascending order of two decimals, for sorting rows. */
export function byValue<T>(pick: (row: T) => Decimal): (a: T, b: T) => number {
  return (a, b) => compare(pick(a), pick(b));
}
