// Coupons: a rate on top of a product's own, paid from the marketing budget.

import type { ReactNode } from "react";
import { useTranslation } from "react-i18next";
import { Link } from "react-router";
import { Listed } from "@/faces/finance/parts/pages";
import { ExactPercent } from "@/kit/Figures";
import { Panel } from "@/kit/Panel";
import { Empty } from "@/kit/states";
import { Table, type Column } from "@/kit/Table";
import { Amount, When } from "@/kit/values";
import { useSession } from "@/session/session";
import { Frame } from "../Frame";
import type { Coupon } from "./draft";
import { useCoupons } from "./reads";
import { Status } from "./words";

export default function CouponsRoom(): ReactNode {
  const { t } = useTranslation(["earndesk", "earndesk_coupons"]);
  const { may } = useSession();
  return (
    <Frame title={t("room.coupons")} note={t("earndesk_coupons:note")}>
      <Panel title={t("earndesk_coupons:list")} actions={may("earn:write") && <Link className="button primary" to="/fixed-income/coupons/new">{t("earndesk_coupons:new")}</Link>}>
        <Listed pages={useCoupons()} empty={<Empty title={t("earndesk_coupons:none")} />}>{(rows) => <List rows={rows} />}</Listed>
      </Panel>
    </Frame>
  );
}

function List({ rows }: { rows: readonly Coupon[] }): ReactNode {
  const { t } = useTranslation("earndesk_coupons");
  const columns: Column<Coupon>[] = [
    { key: "name", title: t("term.name"), csv: (row) => row.name, cell: (row) => <Link to={`/fixed-income/coupons/${row.id}`}><strong>{row.name}</strong></Link> },
    { key: "status", title: t("col.status"), csv: (row) => row.status, cell: (row) => <Status of={row.status} /> },
    { key: "boost", title: t("term.apr_boost"), end: true, csv: (row) => row.apr_boost, cell: (row) => <>+ <ExactPercent share={row.apr_boost} /></> },
    { key: "max", title: t("term.max_principal"), end: true, csv: (row) => row.max_principal, cell: (row) => <Amount value={row.max_principal} asset={row.asset} /> },
    { key: "starts", title: t("term.starts_at"), csv: (row) => row.starts_at, cell: (row) => <When at={row.starts_at} /> },
    { key: "ends", title: t("term.ends_at"), csv: (row) => row.ends_at, cell: (row) => <When at={row.ends_at} /> },
    { key: "uses", title: t("col.uses"), end: true, csv: (row) => String(row.uses), cell: (row) => row.uses },
    { key: "used", title: t("col.used"), end: true, csv: (row) => row.used, cell: (row) => <Amount value={row.used} asset={row.asset} /> },
    { key: "budget", title: t("term.budget"), end: true, csv: (row) => row.budget, cell: (row) => <Amount value={row.budget} asset={row.asset} /> },
  ];
  return <Table name={t("list")} columns={columns} rows={rows} rowKey={(row) => row.id} file="coupons" />;
}
