// A coupon in words: for its own page, and for the eyes of a second person.

import type { ReactNode } from "react";
import { useTranslation } from "react-i18next";
import { ExactPercent } from "@/kit/Figures";
import { Amount, Facts, Id, Pill, When, type Tone } from "@/kit/values";
import type { Coupon } from "./draft";

export type Terms = Pick<Coupon, "name" | "asset" | "apr_boost" | "max_principal" | "days" | "minimum" | "templates" | "starts_at" | "ends_at" | "uses_per_customer" | "customers" | "budget">;
const TERMS = ["name", "asset", "apr_boost", "max_principal", "days", "minimum", "templates", "starts_at", "ends_at", "uses_per_customer", "customers", "budget"] as const satisfies readonly (keyof Terms)[];
const TONES: Record<Coupon["status"], Tone> = { draft: "warn", published: "good", stopped: "plain" };

export function Status({ of }: { of: Coupon["status"] }): ReactNode {
  const { t } = useTranslation("earndesk_coupons");
  return <Pill tone={TONES[of]}>{t(`status.${of}`)}</Pill>;
}

export function CouponTerms({ terms, names }: { terms: Terms; names: ReadonlyMap<string, string> }): ReactNode {
  const { t } = useTranslation("earndesk_coupons");
  const own = (value: string): ReactNode => <Amount value={value} asset={terms.asset} />;
  const said: Record<(typeof TERMS)[number], ReactNode> = {
    name: terms.name, asset: terms.asset, apr_boost: <>+ <ExactPercent share={terms.apr_boost} /></>, max_principal: own(terms.max_principal), minimum: own(terms.minimum), budget: own(terms.budget),
    days: terms.days === null ? t("said.whole_term") : t("said.days", { count: terms.days }),
    templates: terms.templates.length === 0 ? t("said.all_products", { asset: terms.asset }) : terms.templates.map((id) => names.get(id) ?? id).join(", "),
    starts_at: <When at={terms.starts_at} />, ends_at: <When at={terms.ends_at} />, uses_per_customer: terms.uses_per_customer,
    customers: terms.customers === null ? t("said.everybody") : <span className="row">{terms.customers.map((id) => <Id key={id} value={id} />)}</span>,
  };
  const other = Object.entries(terms).filter(([field]) => !(TERMS as readonly string[]).includes(field));
  return <Facts rows={[...TERMS.map((field) => [t(`term.${field}`), said[field]] as const), ...other.map(([field, value]) => [field, <code key={field}>{JSON.stringify(value)}</code>] as const)]} />;
}
