// What every room of finance stands in: its heading, and the way to the other rooms that one's permissions open.

import type { ReactNode } from "react";
import { useTranslation } from "react-i18next";
import { useLocation } from "react-router";
import { Empty } from "@/kit/states";
import { SubNav } from "@/kit/SubNav";
import { useSession, type Permission } from "@/session/session";
import "../finance.css";

const ROOMS: readonly { to: string; title: string; permission: Permission; also?: RegExp }[] = [
  { to: "/finance", title: "rooms.invariants", permission: "invariants:read" },
  { to: "/finance/journal", title: "rooms.journal", permission: "ledger:read", also: /^\/finance\/(journals|accounts)\// },
  { to: "/finance/transfers", title: "rooms.transfers", permission: "ledger:read" },
  { to: "/finance/trial-balance", title: "rooms.trial", permission: "ledger:read" },
  { to: "/finance/reconciliation", title: "rooms.reconciliation", permission: "reconciliation:read" },
  { to: "/finance/payment-orders", title: "rooms.payments", permission: "payment_orders:read" },
  { to: "/finance/exports", title: "rooms.exports", permission: "ledger:export" },
  { to: "/finance/imports", title: "rooms.imports", permission: "ledger:read" },
  { to: "/finance/seals", title: "rooms.seals", permission: "ledger:read" },
];

interface Props {
  title: string;
  /** One sentence: what this room is for. */
  intro?: string;
  aside?: ReactNode;
  children: ReactNode;
}

export function Frame({ title, intro, aside, children }: Props): ReactNode {
  const { t } = useTranslation("finance");
  const { me, may } = useSession();
  const { pathname } = useLocation();
  // Customers may read payment orders too, their own; these rooms are the house's side of them.
  if (me?.kind === "customer") return <Empty title={t("staff_only")}><a href="/">{t("common:nav.home")}</a></Empty>;
  return (
    <div className="finance">
      <SubNav label={t("rooms.finance")} doors={ROOMS.filter((room) => may(room.permission)).map((room) => (
        { to: room.to, title: t(room.title), end: room.to === "/finance", within: room.also?.test(pathname) === true }
      ))} />
      <div className="finance-head">
        <div>
          <h1>{title}</h1>
          {intro !== undefined && <p className="dim">{intro}</p>}
        </div>
        {aside !== undefined && <div className="row">{aside}</div>}
      </div>
      {children}
    </div>
  );
}
