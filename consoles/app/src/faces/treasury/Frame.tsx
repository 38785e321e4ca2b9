// What every room of treasury has: its name, and the way to the others.

import type { ReactNode } from "react";
import { useTranslation } from "react-i18next";
import { SubNav } from "@/kit/SubNav";
import { useSession } from "@/session/session";
import { rooms } from "./rooms";
import "./treasury.css";

export function Frame({ title, note, children }: { title: string; note?: string; children: ReactNode }): ReactNode {
  const { t } = useTranslation("treasury");
  const { may } = useSession();
  const open = rooms.filter((room) => may(room.permission));
  return (
    <div className="stack">
      <SubNav label={t("nav.label")} doors={open.map(({ path, title: name }) => (
        path === "/treasury" ? { to: path, title: t("room.balances"), end: true } : { to: path.replace("/:id?", ""), title: t(name) }
      ))} />
      <header className="room-title">
        <h1>{title}</h1>
        {note !== undefined && <p className="dim">{note}</p>}
      </header>
      {children}
    </div>
  );
}
