import type { ReactNode } from "react";
import { Panel } from "@/kit/Panel";
import { Table } from "@/kit/Table";
import { When } from "@/kit/values";
import { useCouponWords } from "../offer/CouponChoice";
import { useCoupons } from "../reads";
import { useWords } from "../words";

/** What one could use now; nothing where there is none. */
export function Coupons(): ReactNode {
  const { t } = useWords();
  const { data = [] } = useCoupons();
  const tell = useCouponWords();
  if (data.length === 0) return null;
  return (
    <Panel title={t("coupon.mine")}>
      <Table name={t("coupon.mine")} rows={data} rowKey={(one) => one.id} columns={[
        { key: "name", title: t("coupon.name"), cell: (one) => <strong>{one.name}</strong> },
        { key: "gives", title: t("coupon.gives"), wrap: true, cell: tell },
        { key: "left", title: t("coupon.left"), end: true, cell: (one) => one.uses_left },
        { key: "ends", title: t("coupon.ends"), cell: (one) => <When at={one.ends_at} /> },
      ]} />
    </Panel>
  );
}
