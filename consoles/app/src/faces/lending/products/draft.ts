// A product while it is being typed: nothing but texts, made from a version and turned into what the API wants.

import type { Schemas } from "@/api/client";
import { canonical, isDecimal } from "@/money/decimal";

export type Product = Schemas["StaffLoanProductOut"];
export type Body = Schemas["LoanProductIn"];
type TermsBody = Schemas["ProductTermsIn"];
export type TermName = Exclude<keyof TermsBody, "tiers">;
export type LineName = "pledge" | "warning" | "displayed" | "actual" | "hard";
type CollateralName = "asset" | "basis" | LineName | "haircut" | "asset_cap";

/** How a field is typed: an amount or a rate, one that may be missing, a whole number, one of some words, or several of either. */
export type Kind = "decimal" | "optional" | "whole" | "wholes" | "words" | "text" | readonly string[];

export interface Draft {
  name: string;
  asset: string;
  line: string;
  terms: Record<TermName, string>;
  tiers: { above: string; factor: string }[];
  collaterals: Record<CollateralName, string>[];
}

export const BASES = ["PRICE_FRACTION", "LTV", "COVERAGE"] as const;
export const METHODS = ["bullet", "interest_only", "equal_instalments", "equal_principal"] as const;
const DAY_COUNTS = ["actual/365", "actual/360", "actual/actual", "30/360", "30e/360"] as const;

/** The terms by the questions they answer, in the order of the editor. */
export const GROUPS: readonly { id: string; fields: { readonly [name in TermName]?: Kind } }[] = [
  { id: "rate", fields: { rate_mode: ["FIXED", "FLOATING"], rate: "decimal", spread: "decimal", day_count: DAY_COUNTS } },
  { id: "amount", fields: { min_amount: "decimal", max_amount: "decimal", step: "decimal", customer_cap: "optional", tenors: "wholes", quote_ttl_s: "whole" } },
  { id: "repayment", fields: { method: METHODS, every: "text", multiple_of: "optional", repayment_order: "words", grace_days: "whole", penalty_rate: "decimal" } },
  { id: "fees", fields: { fee_rate: "decimal", fee_flat: "decimal", fee_mode: ["deducted", "capitalised"], extension_fee_rate: "decimal", liquidation_fee_rate: "decimal", liquidation_fee_cap: "optional" } },
  { id: "sale", fields: { liquidation: ["FULL", "PARTIAL"], target_ltv: "optional", expected_cost: "decimal", budget: "decimal", slices: "whole", depth_share: "optional" } },
  { id: "watch", fields: { rebase: ["LIVE_DEBT", "ON_EVENT", "FROZEN"], confirm_n: "whole", confirm_s: "whole", max_age_s: "whole", min_venues: "whole", hysteresis: "decimal", freeze_s: "whole" } },
];
const KINDS = Object.assign({}, ...GROUPS.map((group) => group.fields)) as Record<TermName, Kind>;
const TERMS = Object.keys(KINDS) as TermName[];

export const NEW_COLLATERAL: Draft["collaterals"][number] = {
  asset: "BTC", basis: "PRICE_FRACTION", pledge: "0.80", warning: "0.85", displayed: "0.83", actual: "0.82", hard: "0.81", haircut: "0", asset_cap: "",
};

/** What a new product begins with: the house's usual terms. */
export const NEW: Draft = {
  name: "", asset: "USDT", line: "",
  terms: {
    rate_mode: "FIXED", rate: "0.12", spread: "0", day_count: "actual/365", method: "bullet", every: "", multiple_of: "",
    min_amount: "100", max_amount: "1000000", step: "0.01", customer_cap: "", tenors: "30, 90, 180", quote_ttl_s: "30",
    repayment_order: "penalty, fee, interest, principal", grace_days: "3", penalty_rate: "0", fee_rate: "0", fee_flat: "0", fee_mode: "deducted",
    extension_fee_rate: "0", liquidation_fee_rate: "0.005", liquidation_fee_cap: "", liquidation: "FULL", target_ltv: "", expected_cost: "0.005",
    budget: "0.01", slices: "4", depth_share: "", rebase: "LIVE_DEBT", confirm_n: "3", confirm_s: "10", max_age_s: "5", min_venues: "2",
    hysteresis: "0.005", freeze_s: "900",
  },
  tiers: [],
  collaterals: [NEW_COLLATERAL],
};

/** The lines that may pay a product: those of its asset, and the one it names, so that a mistake can be seen. */
export function linesFor<T extends { id: string; asset: string }>(draft: Pick<Draft, "asset" | "line">, lines: readonly T[]): T[] {
  return lines.filter(({ id, asset }) => asset === draft.asset.trim() || id === draft.line);
}

export function draftOf(product: Product): Draft {
  const terms = product.terms as unknown as Record<string, unknown>;
  const one = (value: unknown): string => (typeof value === "string" ? value : value === null || value === undefined ? "" : JSON.stringify(value));
  const shown = (value: unknown): string => (Array.isArray(value) ? value.map(one).join(", ") : one(value));
  return {
    name: product.name,
    asset: product.asset,
    line: product.funding_line_id,
    terms: Object.fromEntries(TERMS.map((name) => [name, shown(terms[name])])) as Draft["terms"],
    tiers: product.tiers.map(({ above, factor }) => ({ above, factor })),
    collaterals: product.collaterals.map((one) => ({
      asset: one.asset, basis: one.basis, pledge: one.pledge, warning: one.warning, displayed: one.displayed, actual: one.actual, hard: one.hard,
      haircut: one.haircut, asset_cap: one.asset_cap ?? "",
    })),
  };
}

const amount = (text: string): string => (isDecimal(text) ? canonical(text) : text.trim());
const optional = (text: string): string | null => (text.trim() === "" ? null : amount(text));
const several = (text: string): string[] => text.split(/[\s,，、]+/).filter((word) => word !== "");
/** What is no whole number goes as it was typed: the server says so, at its field. */
const whole = (text: string): unknown => (/^(0|[1-9]\d{0,8})$/.test(text.trim()) ? JSON.parse(text) : text.trim());

function typed(kind: Kind, text: string): unknown {
  switch (kind) {
    case "decimal": return amount(text);
    case "optional": return optional(text);
    case "whole": return whole(text);
    case "wholes": return several(text).map(whole);
    case "words": return several(text);
    case "text": return text.trim() === "" ? null : text.trim();
    default: return text;
  }
}

export function bodyOf(draft: Draft): Body {
  return {
    name: draft.name.trim(),
    asset: draft.asset.trim(),
    funding_line_id: draft.line.trim() === "" ? null : draft.line.trim(),
    terms: {
      ...Object.fromEntries(TERMS.map((name) => [name, typed(KINDS[name], draft.terms[name])])),
      tiers: draft.tiers.map(({ above, factor }) => ({ above: amount(above), factor: amount(factor) })),
    } as unknown as TermsBody,
    collaterals: draft.collaterals.map((one) => ({
      asset: one.asset.trim(), basis: one.basis as Body["collaterals"][number]["basis"], pledge: amount(one.pledge), warning: amount(one.warning),
      displayed: amount(one.displayed), actual: amount(one.actual), hard: amount(one.hard), haircut: amount(one.haircut), asset_cap: optional(one.asset_cap),
    })),
  };
}
