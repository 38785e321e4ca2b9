// What every room of the house's own matters stands in: its heading, and the way to the others that one's permissions open.

import type { ReactNode } from "react";
import { useTranslation } from "react-i18next";
import { SubNav } from "@/kit/SubNav";
import { useSession, type Permission } from "@/session/session";
import "./staff.css";

const ROOMS: readonly { to: string; title: string; permission: Permission }[] = [
  { to: "/approvals", title: "room.approvals", permission: "approvals:read" },
  { to: "/audit", title: "room.audit", permission: "audit:read" },
  { to: "/roles", title: "room.roles", permission: "roles:read" },
  { to: "/staff", title: "room.people", permission: "staff:write" },
  { to: "/channels", title: "room.channels", permission: "channels:write" },
];

export function Frame({ title, intro, children }: { title: string; intro: string; children: ReactNode }): ReactNode {
  const { t } = useTranslation("staff");
  const { may } = useSession();
  const open = ROOMS.filter((room) => may(room.permission));
  return (
    <div className="stack staff">
      {open.length > 1 && <SubNav label={t("room.staff")} doors={open.map(({ to, title: name }) => ({ to, title: t(name) }))} />}
      <div>
        <h1>{title}</h1>
        <p className="dim">{intro}</p>
      </div>
      {children}
    </div>
  );
}
