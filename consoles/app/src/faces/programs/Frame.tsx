// What programs need stands in two rooms: keys to ask with, and webhooks to be told by.

import type { ReactNode } from "react";
import { useTranslation } from "react-i18next";
import { NavLink } from "react-router";
import { useSession } from "@/session/session";
import "@/faces/retail/retail-more.css";
import "./programs.css";

export function Frame({ title, children }: { title: string; children: ReactNode }): ReactNode {
  const { t } = useTranslation("programs");
  const { may } = useSession();
  return (
    <div className="stack">
      {may("webhooks:write") && (
        <nav className="programs-nav" aria-label={t("room.programs")}>
          <NavLink to="/keys">{t("room.keys")}</NavLink>
          <NavLink to="/webhooks">{t("room.webhooks")}</NavLink>
        </nav>
      )}
      <h1>{title}</h1>
      {children}
    </div>
  );
}
