// What a product promises, before anybody asks for an offer.

import type { ReactNode } from "react";
import { Facts } from "@/kit/values";
import { isZero } from "@/money/decimal";
import type { Product } from "../reads";
import { useWords } from "../words";

export function Terms({ product }: { product: Product }): ReactNode {
  const { t, amount, percent } = useWords();
  const fees = [
    ...(isZero(product.fee_rate) ? [] : [percent(product.fee_rate)]), ...(isZero(product.fee_flat) ? [] : [amount(product.fee_flat, product.asset)]),
  ].join(" + ");
  return (
    <div className="stack">
      <Facts rows={[
        [t("terms.rate"), t(`terms.mode.${product.rate_mode}`, { rate: percent(product.rate) })],
        [t("terms.method"), t(`method.${product.method}`)],
        [t("terms.fee"), fees === "" ? t("terms.free") : t(`terms.fee_mode.${product.fee_mode}`, { fee: fees })],
        [t("terms.amounts"), t("terms.range", { least: amount(product.min_amount, product.asset), most: amount(product.max_amount, product.asset) })],
        [t("terms.tenors"), product.tenors.map((days) => t("terms.days", { n: days })).join(", ")],
        [t("terms.grace"), t("terms.days", { n: product.grace_days })],
        [t("terms.penalty"), percent(product.penalty_rate)],
        [t("terms.liquidation_fee"), percent(product.liquidation_fee_rate)],
      ]} />
      <h3>{t("terms.lines")}</h3>
      <dl className="borrow-lines">
        {product.collaterals.map((kind) => (
          <div key={kind.asset}>
            <dt><strong>{kind.asset}</strong></dt>
            <dd>{t("terms.of_asset", { pledge: percent(kind.ltv.pledge), warning: percent(kind.ltv.warning), displayed: percent(kind.ltv.displayed) })}</dd>
          </div>
        ))}
      </dl>
      <p className="dim">{t(`terms.sale.${product.liquidation}`)}</p>
    </div>
  );
}
