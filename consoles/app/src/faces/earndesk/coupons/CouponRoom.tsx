// One coupon: a new one to type, or what one promises, what was used of it, and the way to publication or its end.

import { useQueryClient } from "@tanstack/react-query";
import { useState, type ReactNode } from "react";
import { useTranslation } from "react-i18next";
import { Link, useParams, useSearchParams } from "react-router";
import { api, ask } from "@/api/client";
import { once } from "@/api/intent";
import { Button } from "@/kit/Button";
import { Confirm } from "@/kit/Dialog";
import { Figure, Figures } from "@/kit/Figures";
import { Panel } from "@/kit/Panel";
import { Loaded, Skeleton } from "@/kit/states";
import { Amount, When } from "@/kit/values";
import { useSession } from "@/session/session";
import { Frame } from "../Frame";
import { namesOf, useTemplates } from "../reads";
import { Question } from "../templates/words";
import { CouponForm } from "./CouponForm";
import { likeOf, NEW, type Coupon } from "./draft";
import { useCoupon } from "./reads";
import { CouponTerms, Status } from "./words";

export default function CouponRoom(): ReactNode {
  const { t } = useTranslation(["earndesk", "earndesk_coupons"]);
  const { id = "" } = useParams();
  const [search] = useSearchParams();
  const back = { to: "/fixed-income/coupons", text: t("earndesk_coupons:back") };
  if (id === "new") {
    const like = search.get("like");
    return <Frame title={t("earndesk_coupons:new")} note={t("earndesk_coupons:new_note")} back={back}>{like === null ? <CouponForm start={NEW} /> : <Like id={like} />}</Frame>;
  }
  return <One key={id} id={id} back={back} />;
}

function Like({ id }: { id: string }): ReactNode {
  return <Loaded query={useCoupon(id)}>{(coupon) => <CouponForm start={likeOf(coupon)} />}</Loaded>;
}

function One({ id, back }: { id: string; back: { to: string; text: string } }): ReactNode {
  const { t } = useTranslation("earndesk");
  const { data: templates } = useTemplates();
  const query = useCoupon(id);
  return (
    <Frame title={query.data?.name ?? t("room.coupon")} back={back}>
      <Loaded query={query} lines={8}>{(coupon) => (templates === undefined ? <Skeleton lines={8} /> : <Whole coupon={coupon} names={namesOf(templates)} />)}</Loaded>
    </Frame>
  );
}

function Whole({ coupon, names }: { coupon: Coupon; names: ReadonlyMap<string, string> }): ReactNode {
  const { t } = useTranslation("earndesk_coupons");
  const own = (value: string): ReactNode => <Amount value={value} asset={coupon.asset} />;
  return (
    <>
      <Figures>
        <Figure name={t("col.status")} note={<When at={coupon.stopped_at ?? coupon.published_at ?? coupon.created_at} />}><Status of={coupon.status} /></Figure>
        <Figure name={t("col.uses")}>{String(coupon.uses)}</Figure>
        <Figure name={t("col.used")} note={<>{t("of")} {own(coupon.budget)}</>}>{own(coupon.used)}</Figure>
        <Figure name={t("col.available")} note={<code>{coupon.account}</code>}>{own(coupon.available)}</Figure>
      </Figures>
      <Deeds coupon={coupon} />
      <Panel title={t("terms")}><CouponTerms terms={termsOf(coupon)} names={names} /></Panel>
    </>
  );
}

function termsOf({ name, asset, apr_boost, max_principal, days, minimum, templates, starts_at, ends_at, uses_per_customer, customers, budget }: Coupon): Parameters<typeof CouponTerms>[0]["terms"] {
  return { name, asset, apr_boost, max_principal, days, minimum, templates, starts_at, ends_at, uses_per_customer, customers, budget };
}

function Deeds({ coupon }: { coupon: Coupon }): ReactNode {
  const { t } = useTranslation("earndesk_coupons");
  const { may } = useSession();
  const client = useQueryClient();
  const [asking, setAsking] = useState<"publish" | "stop" | null>(null);
  const path = { id: coupon.id };
  const act = async (): Promise<void> => {
    if (asking === "publish") await once("publish a coupon", path, (header) => ask(api.POST("/v1/earn/coupons/{id}/publish", { params: { path, header } })));
    else await once("stop a coupon", path, (header) => ask(api.POST("/v1/earn/coupons/{id}/stop", { params: { path, header } })));
    await Promise.all([["earn"], ["approvals"]].map((queryKey) => client.invalidateQueries({ queryKey })));
  };
  const writes = may("earn:write");
  const stop = coupon.status === "draft" ? "stop_draft" : "stop";
  return (
    <div className="row">
      {coupon.approval_id !== null && coupon.status === "draft" && <Question id={coupon.approval_id} />}
      {writes && coupon.status === "draft" && <Button kind={coupon.approval_id === null ? "primary" : "plain"} onPress={() => { setAsking("publish"); }}>{t("publish.verb")}</Button>}
      {writes && coupon.status !== "stopped" && <Button kind="danger" onPress={() => { setAsking("stop"); }}>{t(`${stop}.verb`)}</Button>}
      {writes && <Link className="button" to={`/fixed-income/coupons/new?like=${coupon.id}`}>{t("like")}</Link>}
      {asking !== null && (
        <Confirm title={t(`${asking === "publish" ? asking : stop}.title`)} isOpen onClose={() => { setAsking(null); }} act={act} verb={t(`${asking === "publish" ? asking : stop}.verb`)} danger={asking === "stop"}>
          <p>{t(`${asking === "publish" ? asking : stop}.means`)}</p>
        </Confirm>
      )}
    </div>
  );
}
