// The month as a grid of weeks. It is one stop of the tab key; arrows go from day to day. On a narrow page the days stand below each other.

import { useRef, useState, type KeyboardEvent, type ReactNode } from "react";
import { useTranslation } from "react-i18next";
import { isZero, mul, ratio } from "@/money/decimal";
import { formatExact, formatPercent } from "@/money/format";
import { useSettings } from "@/settings/settings";
import type { CalendarDay } from "../reads";
import { columnOf, moved, WEEKDAYS, type Day } from "./model";
import { SaleState } from "./words";

const MOST = 4;

interface Props {
  days: readonly Day[];
  /** One product: its figures fit into the day. */
  single: boolean;
  chosen: string | null;
  onChoose: (date: string) => void;
}

function useDates(): (day: string, options: Intl.DateTimeFormatOptions) => string {
  const { settings } = useSettings();
  return (day, options) => new Intl.DateTimeFormat(settings.language === "zh" ? "zh-CN" : "en-US", { ...options, timeZone: "UTC" }).format(new Date(`${day}T00:00:00Z`));
}

export function Month({ days, single, chosen, onChoose }: Props): ReactNode {
  const { t } = useTranslation("earndesk_calendar");
  const said = useDates();
  const list = useRef<HTMLOListElement>(null);
  const [stop, setStop] = useState(0);
  const move = (event: KeyboardEvent): void => {
    const to = moved(event.key, stop, days.length);
    if (to === null) return;
    event.preventDefault();
    setStop(to);
    list.current?.querySelectorAll("button")[to]?.focus();
  };
  return (
    <div className="earndesk-calendar">
      <div className="heads" aria-hidden="true">{WEEKDAYS.map((day) => <span key={day}>{said(day, { weekday: "short" })}</span>)}</div>
      <ol ref={list} onKeyDown={move} aria-label={t("grid_label")}>
        {days.map((day, place) => (
          <li key={day.date} style={place === 0 ? { gridColumnStart: columnOf(day.date) } : undefined}>
            <button type="button" tabIndex={place === stop ? 0 : -1} aria-pressed={day.date === chosen} data-date={day.date}
              className={day.sales.length + day.missing.length + day.holidays.length === 0 ? "bare" : undefined} onFocus={() => { setStop(place); }} onClick={() => { onChoose(day.date); }}>
              <span className="day"><span className="visually-hidden">{said(day.date, { weekday: "long", day: "numeric", month: "long" })}</span>
                <span aria-hidden="true"><b>{said(day.date, { day: "numeric" })}</b> <small className="weekday">{said(day.date, { weekday: "short" })}</small></span>
              </span>
              <Inside day={day} single={single} />
            </button>
          </li>
        ))}
      </ol>
    </div>
  );
}

function Inside({ day, single }: { day: Day; single: boolean }): ReactNode {
  const { t } = useTranslation("earndesk_calendar");
  const { settings } = useSettings();
  const more = day.sales.length - MOST;
  return (
    <>
      {day.sales.slice(0, MOST).map((sale) => (
        <span key={sale.id} className="sale">
          {!single && <span className="name">{sale.name}</span>}
          <SaleState of={sale.status} />
          <Bar of={sale} />
          <small className="number">{single
            ? t("sold_of", { sold: formatExact(sale.sold, settings.language), quota: formatExact(sale.quota, settings.language), asset: sale.asset })
            : t("share_sold", { share: formatPercent(shareOf(sale), settings.language, 1) })}</small>
        </span>
      ))}
      {more > 0 && <small>{t("more", { n: more })}</small>}
      {day.missing.length > 0 && <span className="pill warn"><span aria-hidden="true">!</span>{single ? t("missing") : t("missing_n", { count: day.missing.length })}</span>}
      {day.holidays.length > 0 && <span className="pill">{single ? t("holiday") : t("holiday_n", { count: day.holidays.length })}</span>}
    </>
  );
}

const shareOf = ({ sold, quota }: CalendarDay): string => (isZero(quota) ? "0" : ratio(sold, quota, 4));

function Bar({ of }: { of: CalendarDay }): ReactNode {
  return <span className="track" aria-hidden="true"><i style={{ width: `${mul(shareOf(of), "100")}%` }} /></span>;
}
