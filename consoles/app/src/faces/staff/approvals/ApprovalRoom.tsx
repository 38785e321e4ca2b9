import { useQuery } from "@tanstack/react-query";
import type { ReactNode } from "react";
import { useTranslation } from "react-i18next";
import { Link, useParams } from "react-router";
import { api, ask } from "@/api/client";
import { Panel } from "@/kit/Panel";
import { Loaded } from "@/kit/states";
import { Facts, When } from "@/kit/values";
import { Frame } from "../Frame";
import { Decide } from "./Decide";
import { Person, StateOf, Summary, useKind, type Approval } from "./words";

/** One request: exactly what is asked for, by whom, and what one may do about it. */
export default function ApprovalRoom(): ReactNode {
  const { t } = useTranslation("staff");
  const { id = "" } = useParams();
  const query = useQuery({
    queryKey: ["approvals", "one", id],
    queryFn: () => ask(api.GET("/v1/approvals/{id}", { params: { path: { id } } })),
    refetchInterval: 3_000, // another person decides, and the house carries out, while one looks
  });
  return (
    <Frame title={t("room.approval")} intro={t("approval.one")}>
      <Link to="/approvals">{t("approval.back")}</Link>
      <Loaded query={query} lines={8}>
        {(approval) => (
          <div className="grid">
            <Panel title={t("approval.what")}><div className="stack"><Asked approval={approval} /><Summary of={approval} /></div></Panel>
            <Panel title={t("approval.now")}><div className="stack"><Story approval={approval} /><Decide approval={approval} /></div></Panel>
          </div>
        )}
      </Loaded>
    </Frame>
  );
}

/** Where the thing itself can be looked at, for those whose rooms it stands in. */
const PLACES: Record<string, (id: string) => string> = {
  "payments.transfer": (id) => `/finance/transfers/${id}`,
  "payments.import": (id) => `/finance/imports/${id}`,
  "payments.break": (id) => `/finance/reconciliation/breaks/${id}`,
  "identity.policy": () => "/house",
  "earn.coupon": (id) => `/fixed-income/coupons/${id}`,
  "earn.template": (id) => `/fixed-income/templates/${id}`,
  "lending.product": (id) => `/lending/products/${id}`,
  "lending.funding_line": () => "/lending/funding",
  "lending.funding_change": (id) => `/lending/funding/${id}`,
  "lending.write_off": (id) => `/lending/liquidations/${id}`,
  "lending.entered_price": () => "/lending/prices",
  "wallet.withdrawal": (id) => `/treasury/withdrawals/${id}`,
  "wallet.deposit_release": () => "/treasury/deposits",
  "wallet.deposit_refund": () => "/treasury/deposits",
  "wallet.suspense": () => "/treasury/deposits",
  "wallet.withdrawal_decision": (id) => `/treasury/withdrawals/${id}`,
  "wallet.treasury_settlement": (id) => `/treasury/transfers/${id}`,
  "wallet.treasury_transfer": (id) => `/treasury/transfers/${id}`,
  "wallet.treasury_decision": (id) => `/treasury/transfers/${id}`,
  "wallet.cold_spend": (id) => `/treasury/cold/${id}`,
  "wallet.treasury_address": () => "/treasury/addresses",
  "identity.factors_reset": (id) => `/customers/${id}`,
  "identity.email_change": (id) => `/customers/${id}`,
};

function Asked({ approval }: { approval: Approval }): ReactNode {
  const { t } = useTranslation("staff");
  const kindOf = useKind();
  const place = PLACES[approval.kind];
  return (
    <>
      <p><strong>{kindOf(approval.kind)}</strong>{place !== undefined && <> · <Link to={place(approval.resource_id)}>{t("approval.thing")}</Link></>}</p>
      <p className="dim">{t("approval.digest")} <code data-testid="digest">{approval.digest}</code></p>
    </>
  );
}

function Story({ approval }: { approval: Approval }): ReactNode {
  const { t } = useTranslation("staff");
  return (
    <Facts rows={[
      [t("approval.state"), <StateOf key="state" approval={approval} />],
      [t("approval.by"), <Person key="by" id={approval.maker} name={approval.maker_name} />],
      [t("approval.at"), <When key="at" at={approval.created_at} />],
      [t("approval.until"), approval.expires_at === null ? t("approval.endless") : <When key="until" at={approval.expires_at} />],
      [t("approval.needs"), <code key="needs">{approval.permission}</code>],
      [t("approval.decided_by"), <Person key="checker" id={approval.checker} name={approval.checker_name} />],
      [t("approval.decided_at"), <When key="decided" at={approval.decided_at} />],
      [t("approval.ended_at"), <When key="ended" at={approval.ended_at} />],
      ...(approval.reason === null ? [] : [[t("approval.reason"), approval.reason] as const]),
    ]} />
  );
}
