// What a loan would look like before anybody is asked: an estimate by the prices on the screen. What counts is the server's offer.

import { add, canonical, isDecimal, isZero, mul, ratio, sign, sub, toGrid, total, type Decimal } from "@/money/decimal";

export interface Lines {
  warning: Decimal;
  displayed: Decimal;
}

/** One collateral: `pledge` and the lines are debt over value. */
export interface Piece {
  asset: string;
  quantity: Decimal;
  price: Decimal | null;
  pledge: Decimal;
  haircut: Decimal;
  lines: Lines;
}

/** The lines of a product's collateral as debt over value, whatever they were typed as; fine enough for a price to the cent. */
export function linesOf(kind: Lines & { basis: "PRICE_FRACTION" | "LTV" | "COVERAGE"; pledge: Decimal }): Lines {
  const ltv = (typed: Decimal): Decimal => (kind.basis === "LTV" ? typed : ratio(kind.basis === "COVERAGE" ? "1" : kind.pledge, typed, 18));
  return { warning: ltv(kind.warning), displayed: ltv(kind.displayed) };
}

const worthOf = ({ quantity, price }: Piece): Decimal => (price === null ? "0" : mul(quantity, price));

export const worth = (pieces: readonly Piece[]): Decimal => total(pieces.map(worthOf));

/** The most that is lent on it. */
export const lendable = (pieces: readonly Piece[]): Decimal =>
  total(pieces.map((piece) => mul(mul(worthOf(piece), piece.pledge), sub("1", piece.haircut))));

/** The debt at which a line is hit. */
const reached = (pieces: readonly Piece[], line: keyof Lines): Decimal => total(pieces.map((piece) => mul(worthOf(piece), piece.lines[line])));

/** The debt over value at which a line of this mixture is hit; null without worth. */
export function lineAt(pieces: readonly Piece[], line: keyof Lines): Decimal | null {
  const value = worth(pieces);
  return isZero(value) ? null : ratio(reached(pieces, line), value, 6);
}

export function ltvOf(debt: Decimal, pieces: readonly Piece[]): Decimal | null {
  const value = worth(pieces);
  return isZero(value) ? null : ratio(debt, value, 6);
}

/** What hits a line: the price of the one asset, or for a basket how much all prices fall together (0.1 is a tenth). */
export function reach(debt: Decimal, pieces: readonly Piece[], line: keyof Lines): { price: Decimal } | { fall: Decimal } | null {
  const [only, ...others] = pieces.filter((piece) => !isZero(piece.quantity));
  if (only === undefined || isZero(debt) || isZero(reached(pieces, line))) return null;
  if (others.length === 0) return { price: ratio(debt, mul(only.quantity, only.lines[line]), 8) };
  return { fall: sub("1", ratio(debt, reached(pieces, line), 6)) };
}

/** A share in whole percents of something, on a grid. */
export const part = (percent: string, of: Decimal, step: Decimal): Decimal => toGrid(mul(of, ratio(percent, "100", 2)), step);

/** Which whole percent of something this is, from 0 to 100. */
export function percentOf(value: Decimal, of: Decimal): string {
  if (isZero(of)) return "0";
  const found = ratio(mul(value, "100"), of, 0);
  return found.length > 2 ? "100" : found;
}

/** The fee that comes off or on top. */
export const feeOf = (amount: Decimal, rate: Decimal, flat: Decimal): Decimal => add(mul(amount, rate), flat);

// ------------------------------------------------------------------------------------------------------------------------- what if

export const MOVES = ["none", "top_up", "withdraw", "repay"] as const;
export type Move = (typeof MOVES)[number];

/** One movement of money beside the prices, as the server is asked about it. */
export interface Movement {
  top_up?: { asset: string; quantity: Decimal };
  withdraw?: { asset: string; quantity: Decimal };
  repay?: Decimal;
}

/** What is typed as a movement; none while it is no amount above zero. */
export function movementOf(move: Move, asset: string, typed: string): Movement {
  if (move === "none" || !isDecimal(typed) || sign(canonical(typed)) <= 0) return {};
  const quantity = canonical(typed);
  return move === "repay" ? { repay: quantity } : { [move]: { asset, quantity } };
}
