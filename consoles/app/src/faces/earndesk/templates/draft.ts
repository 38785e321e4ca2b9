// A product while it is being typed: nothing but texts, made from a version and turned into what the API wants. Rates are typed in percent.

import type { Schemas } from "@/api/client";
import { canonical, isDecimal, lessThan, mul } from "@/money/decimal";
import { FIELDS, same, STEPS, tenorOf, type Field, type StepId, type Template } from "../terms";

export type Body = Schemas["EarnTemplateIn"];
export type Renewal = Template["terms"]["renewals"][number];

export const PAYOUTS = ["daily", "weekly", "monthly", "at_maturity"] as const;
export const DAY_COUNTS = ["actual/365", "actual/360", "actual/actual", "30/360", "30e/360"] as const;
export const POLICIES = ["FORFEIT_CURRENT", "CLAWBACK_PAID", "PENAL_RATE", "PAY_ACCRUED"] as const;
export const RENEWALS = ["pay_out", "renew_principal", "renew_all", "move"] as const satisfies readonly Renewal[];
export const UNITS = ["D", "W", "M", "Y"] as const;

const TEXTS = ["payout", "day_count", "zone", "opens", "closes", "lag_days", "daily_quota", "minimum", "step", "customer_cap", "customer_day_cap", "early", "penal_rate", "move_to"] as const;
export type TextField = (typeof TEXTS)[number];

export interface Draft {
  name: string;
  asset: string;
  effective_from: string;
  /** One rate, or the first of several. */
  tiers: readonly { above: string; apr: string }[];
  tenor: { count: string; unit: string };
  /** The first is what happens unless a customer says otherwise. */
  renewals: readonly Renewal[];
  holidays: readonly string[];
  terms: Record<TextField, string>;
}

export const NEW: Draft = {
  name: "", asset: "USDT", effective_from: "", tiers: [{ above: "0", apr: "" }], tenor: { count: "30", unit: "D" }, renewals: ["pay_out"], holidays: [],
  terms: {
    payout: "monthly", day_count: "actual/365", zone: "UTC", opens: "00:00", closes: "00:00", lag_days: "1", daily_quota: "", minimum: "", step: "1",
    customer_cap: "", customer_day_cap: "", early: "FORFEIT_CURRENT", penal_rate: "", move_to: "",
  },
};

const percentOf = (share: string): string => mul(share, "100");

export function draftOf({ name, asset, effective_from, terms }: Pick<Template, "name" | "asset" | "effective_from" | "terms">): Draft {
  const { tiers, tenor, renewals, holidays, ...rest } = terms;
  const texts = rest as unknown as Record<string, unknown>;
  const text = (field: TextField): string => {
    const value = texts[field];
    if (field === "penal_rate") return value === "0" ? "" : percentOf(rest.penal_rate);
    return typeof value === "string" ? value : value === null || value === undefined ? "" : JSON.stringify(value);
  };
  return {
    name, asset, effective_from: effective_from ?? "", tiers: tiers.map(({ above, apr }) => ({ above, apr: percentOf(apr) })), tenor: tenorOf(tenor),
    renewals, holidays, terms: Object.fromEntries(TEXTS.map((field) => [field, text(field)])) as Draft["terms"],
  };
}

const amount = (text: string): string => (isDecimal(text) ? canonical(text) : text.trim());
const optional = (text: string): string | null => (text.trim() === "" ? null : amount(text));
const share = (percent: string): string => (isDecimal(percent) ? mul(canonical(percent), "0.01") : percent.trim());
/** What is no whole number goes as it was typed: the server says so, at its field. */
const whole = (text: string): unknown => (/^(0|[1-9]\d{0,8})$/.test(text.trim()) ? JSON.parse(text) : text.trim());

export function bodyOf(draft: Draft): Body {
  const { terms } = draft;
  return {
    name: draft.name.trim(),
    asset: draft.asset.trim(),
    effective_from: draft.effective_from === "" ? null : draft.effective_from,
    terms: {
      tiers: draft.tiers.map(({ above, apr }, place) => ({ above: place === 0 ? "0" : amount(above), apr: share(apr) })),
      payout: terms.payout, tenor: `${draft.tenor.count.trim()}${draft.tenor.unit}`, zone: terms.zone.trim(), opens: terms.opens, closes: terms.closes,
      lag_days: whole(terms.lag_days), daily_quota: amount(terms.daily_quota), minimum: amount(terms.minimum), step: amount(terms.step),
      customer_cap: optional(terms.customer_cap), customer_day_cap: optional(terms.customer_day_cap), day_count: terms.day_count, early: terms.early,
      penal_rate: terms.early === "PENAL_RATE" ? share(terms.penal_rate) : "0", renewals: [...draft.renewals],
      move_to: draft.renewals.includes("move") && terms.move_to !== "" ? terms.move_to : null, holidays: [...draft.holidays],
    } as unknown as Body["terms"],
  };
}

/** What a customer may choose, in the order of the list but for the first, which is theirs unless they say otherwise. */
export function renewalsOf(chosen: readonly Renewal[], first: Renewal | undefined): Renewal[] {
  const several = RENEWALS.filter((one) => chosen.includes(one));
  return first !== undefined && several.includes(first) ? [first, ...several.filter((one) => one !== first)] : several;
}

/** The field of ours that a name of the server's means; null for what belongs to no field. */
export function fieldOf(name: string): Field | null {
  const parts = name.split(".");
  const inner = parts[0] === "terms" ? parts[1] ?? "tiers" : parts[0]; // a fault of the terms as a whole: one rate or tiers
  if (inner === "apr") return "tiers";
  return FIELDS.find((field) => field === inner) ?? null;
}

export function stepOf(name: string): StepId {
  const field = fieldOf(name);
  return STEPS.find(({ fields }) => (fields as readonly string[]).includes(field ?? ""))?.id ?? "check";
}

/** What was typed in a field, to know whether it is still what was refused. */
export function typedIn(draft: Draft, field: Field): unknown {
  if (field in draft.terms) return draft.terms[field as TextField];
  return draft[field as Exclude<keyof Draft, "terms">];
}

export interface Fault {
  field: string;
  message: string;
  code?: string;
}

/** Those faults that still stand: what was changed since is not judged yet. */
export function standing(faults: readonly Fault[], refused: Draft, now: Draft): Fault[] {
  return faults.filter(({ field: name }) => {
    const field = fieldOf(name);
    return field === null || same(typedIn(refused, field), typedIn(now, field));
  });
}

/** A sum to look at the plan of: ten of the smallest, or the smallest where ten are more than a day sells. */
export function exampleOf({ minimum, daily_quota: quota }: Pick<Template["terms"], "minimum" | "daily_quota">): string {
  const ten = mul(minimum, "10");
  return lessThan(quota, ten) ? minimum : ten;
}

/** The highest rate, in percent, that a refusal of one names; null where it names none. */
export function highestIn(message: string): string | null {
  const found = /from 0 to (\d+(\.\d+)?)/.exec(message)?.[1];
  return found === undefined ? null : percentOf(found);
}
