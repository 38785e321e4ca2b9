// Which coupon is used, if one has any that is good for this product.

import type { ReactNode } from "react";
import { Select } from "@/kit/fields";
import { isZero } from "@/money/decimal";
import { couponsFor } from "../model";
import { useCoupons, type Coupon, type Offer } from "../reads";
import { useWords } from "../words";

const NONE = "";

export function CouponChoice({ offer, chosen, onChoose }: { offer: Offer; chosen: string | null; onChoose: (id: string | null) => void }): ReactNode {
  const { t } = useWords();
  const { data = [] } = useCoupons();
  const tell = useCouponWords();
  const fitting = couponsFor(data, offer);
  if (fitting.length === 0) return null;
  return (
    <Select label={t("coupon.label", { n: fitting.length })} value={chosen ?? NONE} onChange={(id) => { onChoose(id === NONE ? null : id); }}
      choices={[{ id: NONE, text: t("coupon.none") }, ...fitting.map((one) => ({ id: one.id, text: `${one.name}: ${tell(one)}` }))]} />
  );
}

/** "+2 % a year on up to 10,000 USDT, for 30 days, from 100 USDT". */
export function useCouponWords(): (coupon: Coupon) => string {
  const { t, amount, percent } = useWords();
  return ({ apr_boost, max_principal, days, minimum, asset }) => [
    t("coupon.boost", { rate: percent(apr_boost), most: amount(max_principal, asset) }),
    ...(days === null ? [] : [t("coupon.days", { n: days })]),
    ...(isZero(minimum) ? [] : [t("coupon.minimum", { least: amount(minimum, asset) })]),
  ].join(t("coupon.and"));
}
