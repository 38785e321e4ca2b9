// What every room of fixed income has: a name, a sentence, and the way to the others.

import type { ReactNode } from "react";
import { useTranslation } from "react-i18next";
import { Link } from "react-router";
import { SubNav } from "@/kit/SubNav";
import { rooms } from "./rooms";
import "./earndesk.css";

const HOME = "/fixed-income";
/** A page of one thing is reached from the list of all of them. */
const DOORS = rooms.filter(({ path }) => !path.includes(":"));

export function Frame({ title, note, back, children }: { title: ReactNode; note?: string; back?: { to: string; text: string }; children: ReactNode }): ReactNode {
  const { t } = useTranslation("earndesk");
  return (
    <div className="stack earndesk">
      <SubNav label={t("room.fixed_income")} doors={DOORS.map(({ path, title: name }) => ({ to: path, title: t(path === HOME ? "room.templates" : name), end: path === HOME }))} />
      {back !== undefined && <p><Link to={back.to}>← {back.text}</Link></p>}
      <header className="room-title">
        <h1>{title}</h1>
        {note !== undefined && <p className="dim">{note}</p>}
      </header>
      {children}
    </div>
  );
}

/** A second person decides now: where they do, and where one sees what became of it. */
export function Asked({ approval }: { approval: string }): ReactNode {
  const { t } = useTranslation("earndesk");
  return (
    <div className="notice" role="status">
      <p>{t("asked.note")}</p>
      <Link to={`/approvals/${approval}`}>{t("asked.look")}</Link>
    </div>
  );
}
