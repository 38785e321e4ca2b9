// A liquidation in numbers that add up: what was owed, what was sold, and where every unit of the money went.

import type { Schemas } from "@/api/client";
import { add, compare, isZero, ratio, sub, total, type Decimal } from "@/money/decimal";

export type Liquidation = Schemas["LiquidationOut"];
type Sale = Liquidation["sales"][number];
type Fill = Schemas["SaleFillOut"];
type Breaker = Schemas["lending__liquidation__schemas__BreakerOut"];

export const PARTS = ["principal", "interest", "fee", "penalty"] as const;
export type Part = (typeof PARTS)[number];
export const EVERY_ASSET = "*";

export const isOver = ({ status }: Pick<Liquidation, "status">): boolean => status === "done" || status === "shortfall";

const parts = (value: unknown): Record<string, unknown> => (typeof value === "object" && value !== null ? { ...value } : {});
const text = (value: unknown): Decimal => (typeof value === "string" ? value : "0");

export const owedOf = ({ owed }: Pick<Liquidation, "owed">): Decimal => total(PARTS.map((part) => owed[part] ?? "0"));

/** Of one asset: how much was sold, is out at venues, and may still be sold. What is out counts as gone until it comes back. */
export interface Progress {
  asset: string;
  sell: Decimal;
  sold: Decimal;
  out: Decimal;
  left: Decimal;
}

export function progressOf({ targets, sales }: Pick<Liquidation, "targets" | "sales">): Progress[] {
  return targets.map(({ asset, sell }) => {
    const own = sales.filter((sale) => sale.asset === asset);
    const sold = total(own.filter(({ ended }) => ended).map((sale) => sale.sold));
    const out = total(own.filter(({ ended }) => !ended).map((sale) => sale.quantity));
    return { asset, sell, sold, out, left: sub(sub(sell, sold), out) };
  });
}

export const earnedBy = (sales: readonly Sale[]): Decimal => total(sales.map(({ proceeds }) => proceeds));

/** The breaker that holds a sale back the most: of one of its assets, or of all; null where none stands. */
export function breakerOn(assets: readonly string[], breakers: readonly Breaker[]): Breaker | null {
  const standing = breakers.filter(({ asset, level }) => level > 0 && (asset === EVERY_ASSET || assets.includes(asset)));
  return standing.toSorted((a, b) => b.level - a.level)[0] ?? null;
}

/** What one unit brought on average, cut after eight digits; null where nothing was sold. */
export function averageOf(fills: readonly Pick<Fill, "quantity" | "received">[]): Decimal | null {
  const sold = total(fills.map(({ quantity }) => quantity));
  return isZero(sold) ? null : ratio(total(fills.map(({ received }) => received)), sold);
}

export interface TakenOver {
  asset: string;
  quantity: Decimal;
  price: Decimal;
  paid: Decimal;
}

/** Where the money of a settled sale came from and went to; all of it in the lent asset but what was given back. */
export interface Division {
  sold: Decimal;
  takenOver: TakenOver[];
  proceeds: Decimal;
  paid: Record<Part, Decimal>;
  fee: Decimal;
  surplus: Decimal;
  /** What the loan goes on with, after a sale in part; null where it ended. */
  goesOn: Decimal | null;
  shortfall: Decimal;
  insured: Decimal;
  lost: Decimal;
  /** Fees and penalties that nobody pays: they were never booked as earned, so they are no loss. */
  unearned: Decimal;
  returned: { asset: string; quantity: Decimal }[];
}

export function divisionOf({ settlement }: Pick<Liquidation, "settlement">): Division | null {
  if (settlement === null) return null;
  const paid = parts(settlement["paid"]);
  const takenOver = Object.entries(parts(settlement["taken_over"])).map(([asset, dust]) => {
    const { quantity, price, paid: sum } = parts(dust);
    return { asset, quantity: text(quantity), price: text(price), paid: text(sum) };
  });
  const proceeds = text(settlement["proceeds"]);
  const shortfall = text(settlement["shortfall"]);
  const [insured, lost] = [text(settlement["insured"]), text(settlement["lost"])];
  return {
    sold: sub(proceeds, total(takenOver.map((dust) => dust.paid))), takenOver, proceeds,
    paid: { principal: text(paid["principal"]), interest: text(paid["interest"]), fee: text(paid["fee"]), penalty: text(paid["penalty"]) },
    fee: text(settlement["fee"]), surplus: text(settlement["surplus"]),
    goesOn: typeof settlement["left"] === "string" ? settlement["left"] : null,
    shortfall, insured, lost, unearned: sub(shortfall, add(insured, lost)),
    returned: Object.entries(parts(settlement["returned"])).map(([asset, quantity]) => ({ asset, quantity: text(quantity) })),
  };
}

/** Whether the sums agree to the unit: what venues paid is what was divided, and what was owed is what was paid, given up or goes on. */
export function addsUp(found: Division, owed: Decimal, earned: Decimal): boolean {
  const paid = total(Object.values(found.paid));
  const divided = total([paid, found.fee, found.surplus]);
  return compare(found.sold, earned) === 0 && compare(found.proceeds, divided) === 0
    && compare(owed, total([paid, found.shortfall, found.goesOn ?? "0"])) === 0;
}
