// What all rooms of the loan book have: a name, a sentence, and the way to the others.

import type { ReactNode } from "react";
import { useTranslation } from "react-i18next";
import { SubNav } from "@/kit/SubNav";
import { bookRooms } from "./bookRooms";
import "./book.css";

/** A page of one thing is reached from the list of all of them. */
const DOORS = bookRooms.filter(({ path }) => !path.includes(":"));

export function BookFrame({ title, note, children }: { title: ReactNode; note: string; children: ReactNode }): ReactNode {
  const { t } = useTranslation("lending_book");
  return (
    <div className="stack">
      <SubNav label={t("nav")} doors={DOORS.map(({ path, title: name }) => ({ to: path, title: t(name) }))} />
      <header className="room-title">
        <h1>{title}</h1>
        <p className="dim">{note}</p>
      </header>
      {children}
    </div>
  );
}
