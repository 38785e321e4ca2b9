// What both rooms of the loan book have: a name, a sentence, the way to the other one, and the figures that matter.

import type { ReactNode } from "react";
import { useTranslation } from "react-i18next";
import { NavLink } from "react-router";
import { bookRooms } from "./bookRooms";
import "./book.css";

export function BookFrame({ title, note, children }: { title: string; note: string; children: ReactNode }): ReactNode {
  const { t } = useTranslation("lending_book");
  return (
    <div className="stack">
      <nav className="loanbook-nav" aria-label={t("nav")}>
        {bookRooms.map((room) => <NavLink key={room.path} to={room.path} end>{t(room.title)}</NavLink>)}
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

export function Figures({ children }: { children: ReactNode }): ReactNode {
  return <dl className="loanbook-figures">{children}</dl>;
}
