// What all rooms of the loan book have: a name, a sentence, the way to the others, and the figures that matter.

import type { ReactNode } from "react";
import { useTranslation } from "react-i18next";
import { NavLink } from "react-router";
import { mul, type Decimal } from "@/money/decimal";
import { formatExact } from "@/money/format";
import { useSettings } from "@/settings/settings";
import { bookRooms } from "./bookRooms";
import "./book.css";

/** A page of one thing is reached from the list of all of them. */
const DOORS = bookRooms.filter(({ path }) => !path.includes(":"));

export function BookFrame({ title, note, children }: { title: ReactNode; note: string; children: ReactNode }): ReactNode {
  const { t } = useTranslation("lending_book");
  return (
    <div className="stack">
      <nav className="loanbook-nav" aria-label={t("nav")}>
        {DOORS.map((room) => <NavLink key={room.path} to={room.path}>{t(room.title)}</NavLink>)}
      </nav>
      <header className="loanbook-title">
        <h1>{title}</h1>
        <p className="dim">{note}</p>
      </header>
      {children}
    </div>
  );
}

export function Figure({ name, children, note }: { name: string; children: ReactNode; note?: ReactNode }): ReactNode {
  return (
    <div className="loanbook-figure">
      <dt>{name}</dt>
      <dd>{children}</dd>
      {note !== undefined && <dd className="dim loanbook-figure-note">{note}</dd>}
    </div>
  );
}

/** A share in percent with every digit that it has. */
export function ExactPercent({ share }: { share: Decimal }): ReactNode {
  const { settings } = useSettings();
  return <span className="number">{formatExact(mul(share, "100"), settings.language)} %</span>;
}

export function Figures({ children }: { children: ReactNode }): ReactNode {
  return <dl className="loanbook-figures">{children}</dl>;
}
