// What programs need stands in two rooms: keys to ask with, and webhooks to be told by.

import type { ReactNode } from "react";
import { useTranslation } from "react-i18next";
import { SubNav } from "@/kit/SubNav";
import { useSession } from "@/session/session";
import "@/faces/retail/retail-more.css";
import "./programs.css";

export function Frame({ title, children }: { title: string; children: ReactNode }): ReactNode {
  const { t } = useTranslation("programs");
  const { may } = useSession();
  return (
    <div className="stack">
      {may("webhooks:write") && <SubNav label={t("room.programs")} doors={[{ to: "/keys", title: t("room.keys") }, { to: "/webhooks", title: t("room.webhooks") }]} />}
      <h1>{title}</h1>
      {children}
    </div>
  );
}
