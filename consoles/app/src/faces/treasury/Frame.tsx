// What every room of treasury has: its name, and the way to the others.

import type { ReactNode } from "react";
import { useTranslation } from "react-i18next";
import { NavLink } from "react-router";
import { useSession } from "@/session/session";
import { rooms } from "./rooms";
import "./treasury.css";

export function Frame({ title, note, children }: { title: string; note?: string; children: ReactNode }): ReactNode {
  const { t } = useTranslation("treasury");
  const { may } = useSession();
  const open = rooms.filter((room) => may(room.permission));
  return (
    <div className="stack">
      <nav className="treasury-nav" aria-label={t("nav.label")}>
        {open.map((room) => (
          <NavLink key={room.path} to={room.path} end>{t(room.path === "/treasury" ? "room.balances" : room.title)}</NavLink>
        ))}
      </nav>
      <header className="treasury-title">
        <h1>{title}</h1>
        {note !== undefined && <p className="dim">{note}</p>}
      </header>
      {children}
    </div>
  );
}

/** One figure that matters, with its name above and a remark below. */
export function Tile({ name, children, note }: { name: string; children: ReactNode; note?: ReactNode }): ReactNode {
  return (
    <div className="treasury-tile">
      <dt>{name}</dt>
      <dd>{children}</dd>
      {note !== undefined && <dd className="dim treasury-tile-note">{note}</dd>}
    </div>
  );
}

export function Tiles({ children }: { children: ReactNode }): ReactNode {
  return <dl className="treasury-tiles">{children}</dl>;
}
