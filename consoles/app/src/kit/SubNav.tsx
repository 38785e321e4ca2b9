// The way from one room of a face to its others.

import type { ReactNode } from "react";
import { NavLink } from "react-router";
import "./subnav.css";

export interface Door {
  to: string;
  title: string;
  /** Only this address itself is the room, not what lies below it. */
  end?: boolean;
  /** One is somewhere that belongs to this room. */
  within?: boolean;
}

export function SubNav({ label, doors }: { label: string; doors: readonly Door[] }): ReactNode {
  return (
    <nav className="subnav" aria-label={label}>
      {doors.map(({ to, title, end = false, within = false }) => <NavLink key={to} to={to} end={end} className={within ? "within" : ""}>{title}</NavLink>)}
    </nav>
  );
}
