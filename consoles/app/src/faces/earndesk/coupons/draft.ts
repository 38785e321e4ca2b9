// A coupon while it is typed: nothing but texts; the rate in percent, times as wall-clock times of UTC.

import type { Schemas } from "@/api/client";
import { canonical, isDecimal, mul } from "@/money/decimal";

export type Coupon = Schemas["EarnCouponOut"];
type Body = Schemas["EarnCouponIn"];

export interface Draft {
  name: string;
  asset: string;
  boost: string;
  max_principal: string;
  days: string;
  minimum: string;
  templates: readonly string[];
  starts_at: string;
  ends_at: string;
  uses_per_customer: string;
  customers: string;
  budget: string;
}

export const NEW: Draft = {
  name: "", asset: "USDT", boost: "", max_principal: "", days: "", minimum: "0", templates: [], starts_at: "", ends_at: "", uses_per_customer: "1", customers: "", budget: "",
};

/** Another one like it: the same terms, to be typed over. */
export function likeOf(coupon: Coupon): Draft {
  return {
    name: coupon.name, asset: coupon.asset, boost: mul(coupon.apr_boost, "100"), max_principal: coupon.max_principal,
    days: coupon.days === null ? "" : String(coupon.days), minimum: coupon.minimum, templates: coupon.templates, starts_at: coupon.starts_at.slice(0, 16),
    ends_at: coupon.ends_at.slice(0, 16), uses_per_customer: String(coupon.uses_per_customer), customers: (coupon.customers ?? []).join(" "), budget: coupon.budget,
  };
}

const amount = (text: string): string => (isDecimal(text) ? canonical(text) : text.trim());
/** What is no whole number goes as it was typed: the server says so, at its field. */
const whole = (text: string): unknown => (/^(0|[1-9]\d{0,8})$/.test(text.trim()) ? JSON.parse(text) : text.trim());
const moment = (text: string): string => (text === "" ? "" : `${text}:00Z`);

export function bodyOf(draft: Draft): Body {
  const customers = draft.customers.split(/[\s,，、]+/).filter((one) => one !== "");
  return {
    name: draft.name.trim(), asset: draft.asset, apr_boost: isDecimal(draft.boost) ? mul(canonical(draft.boost), "0.01") : draft.boost.trim(),
    max_principal: amount(draft.max_principal), days: draft.days.trim() === "" ? null : whole(draft.days), minimum: draft.minimum.trim() === "" ? "0" : amount(draft.minimum),
    templates: [...draft.templates], starts_at: moment(draft.starts_at), ends_at: moment(draft.ends_at), uses_per_customer: whole(draft.uses_per_customer),
    customers: customers.length === 0 ? null : customers, budget: amount(draft.budget),
  } as unknown as Body;
}

/** What was typed in the field of the server's name. */
export function typedIn(draft: Draft, name: string): unknown {
  const field = name.split(".")[0] === "apr_boost" ? "boost" : name.split(".")[0] ?? "";
  return draft[field as keyof Draft];
}
