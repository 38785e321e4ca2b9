// Which day pays what, over all that runs: a month to look at, and below it the same as a list, which is all a telephone shows.

import { useState, type ReactNode } from "react";
import { Link } from "react-router";
import { Button } from "@/kit/Button";
import { Table } from "@/kit/Table";
import { Amount, Pill } from "@/kit/values";
import { isZero } from "@/money/decimal";
import { earned, monthOf, payoutsOf, rowSum, shiftMonth, sumsOf, weeksOf, type Payout } from "../model";
import type { Subscription } from "../reads";
import { ROW_TONES, useWords, type Words } from "../words";

export function Calendar({ subscriptions }: { subscriptions: readonly Subscription[] }): ReactNode {
  const { t, amount, language } = useWords();
  const payouts = payoutsOf(subscriptions);
  const coming = payouts.find(({ status }) => status === "pending") ?? payouts[0];
  const [chosen, setMonth] = useState<string | null>(null);
  if (coming === undefined) return null;
  const month = chosen ?? monthOf(coming.due_date);
  const rows = payouts.filter(({ due_date }) => monthOf(due_date) === month);
  const last = monthOf(payouts.at(-1)?.due_date ?? month);
  const first = monthOf(payouts[0]?.due_date ?? month);
  return (
    <div className="stack">
      <div className="row earn-month">
        <Button aria-label={t("calendar.before")} isDisabled={month === first} onPress={() => { setMonth(shiftMonth(month, -1)); }}>←</Button>
        <h3 aria-live="polite">{nameOf(month, language)}</h3>
        <Button aria-label={t("calendar.after")} isDisabled={month === last} onPress={() => { setMonth(shiftMonth(month, 1)); }}>→</Button>
        <span className="dim number">{sumsOf(rows.map((one) => ({ asset: one.asset, value: rowSum(one) }))).map(({ asset, value }) => amount(value, asset)).join(" + ")}</span>
      </div>
      <Month month={month} rows={rows} />
      {rows.length === 0 ? <p className="dim">{t("calendar.none")}</p> : <Agenda rows={rows} />}
    </div>
  );
}

const LOCALES = { en: "en-US", zh: "zh-CN" } as const;

function nameOf(month: string, language: Words["language"]): string {
  return new Intl.DateTimeFormat(LOCALES[language], { year: "numeric", month: "long", timeZone: "UTC" }).format(new Date(`${month}-01T00:00:00Z`));
}

/** "Mon" to "Sun": the first day of January 2024 was a Monday. */
function weekdays(language: Words["language"]): string[] {
  const name = new Intl.DateTimeFormat(LOCALES[language], { weekday: "short", timeZone: "UTC" });
  return Array.from({ length: 7 }, (_, day) => name.format(new Date(Date.UTC(2024, 0, 1 + day))));
}

/** For the eye; whoever has it read aloud takes the list, which says the same. */
function Month({ month, rows }: { month: string; rows: readonly Payout[] }): ReactNode {
  const { language, amount } = useWords();
  return (
    <div className="earn-grid" aria-hidden="true">
      {weekdays(language).map((name) => <div key={name} className="earn-weekday">{name}</div>)}
      {weeksOf(month).flat().map((day, at) => {
        const due = rows.filter(({ due_date }) => due_date === day);
        const home = due.some(({ principal }) => !isZero(principal));
        return (
          <div key={day ?? `empty ${String(at)}`} className={`earn-day ${day === null ? "other" : ""} ${due.length === 0 ? "" : home ? "home" : "pays"}`}>
            <span className="dim">{day === null ? "" : day.slice(8).replace(/^0/, "")}</span>
            {sumsOf(due.map((one) => ({ asset: one.asset, value: rowSum(one) }))).map(({ asset, value }) => <strong key={asset} className="number">{amount(value, asset)}</strong>)}
          </div>
        );
      })}
    </div>
  );
}

function Agenda({ rows }: { rows: readonly Payout[] }): ReactNode {
  const { t } = useWords();
  return <Table name={t("mine.calendar")} rows={rows} rowKey={(one) => `${one.id} ${String(one.seq)}`} file="payouts" columns={[
    { key: "due", title: t("plan.due"), cell: (one) => <span className="number">{one.due_date}</span>, csv: (one) => one.due_date },
    { key: "name", title: t("col.product"), cell: (one) => <Link to={`/earn/${one.id}`}>{one.name}</Link>, csv: (one) => one.name },
    { key: "interest", title: t("plan.interest"), end: true, cell: (one) => <Amount value={earned(one)} asset={one.asset} />, csv: earned },
    { key: "principal", title: t("plan.principal"), end: true, cell: (one) => (isZero(one.principal) ? <span className="dim">–</span> : <Amount value={one.principal} asset={one.asset} />), csv: (one) => one.principal },
    { key: "status", title: t("col.state"), cell: (one) => <Pill tone={ROW_TONES[one.status] ?? "plain"}>{t(`plan.state.${one.status}`)}</Pill>, csv: (one) => one.status },
  ]} />;
}
