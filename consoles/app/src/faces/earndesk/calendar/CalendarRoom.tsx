// A month of days of sale, of all products or of one: what each sells, what of it is sold, and what is missing.

import { useState, type ReactNode } from "react";
import { useTranslation } from "react-i18next";
import { useSearchParams } from "react-router";
import { Button } from "@/kit/Button";
import { Select } from "@/kit/fields";
import { Figure, Figures } from "@/kit/Figures";
import { Panel } from "@/kit/Panel";
import { Empty, Loaded } from "@/kit/states";
import { Tabs } from "@/kit/Tabs";
import { Amount, Percent } from "@/kit/values";
import { isZero, ratio, sub } from "@/money/decimal";
import { useSession } from "@/session/session";
import { useSettings } from "@/settings/settings";
import { Frame } from "../Frame";
import { namesOf, useCalendar, useTemplates, type Calendar } from "../reads";
import type { Template } from "../terms";
import { DaySales } from "./DaySales";
import { Generate } from "./Generate";
import { monthOf, shiftMonth, sumsOf } from "./model";
import { Month } from "./Month";
import { SalesTable } from "./SalesTable";

export default function CalendarRoom(): ReactNode {
  const { t } = useTranslation(["earndesk", "earndesk_calendar"]);
  const [search, setSearch] = useSearchParams();
  const template = search.get("template");
  const templates = useTemplates();
  const query = useCalendar(search.get("month"), template);
  const choose = (part: Record<string, string>): void => {
    setSearch((now) => { for (const [name, value] of Object.entries(part)) { if (value === "") now.delete(name); else now.set(name, value); } return now; });
  };
  const products = [...namesOf(templates.data ?? [])].map(([id, text]) => ({ id, text }));
  return (
    <Frame title={t("room.calendar")} note={t("earndesk_calendar:note")}>
      <Loaded query={query} lines={12}>
        {(calendar) => (
          <>
            <div className="row earndesk-month">
              <Button aria-label={t("earndesk_calendar:before")} onPress={() => { choose({ month: shiftMonth(calendar.month, -1) }); }}>←</Button>
              <h2 aria-live="polite"><MonthName month={calendar.month} /></h2>
              <Button aria-label={t("earndesk_calendar:after")} onPress={() => { choose({ month: shiftMonth(calendar.month, 1) }); }}>→</Button>
              <Select label={t("earndesk_calendar:product")} value={template ?? ""} choices={[{ id: "", text: t("earndesk_calendar:all") }, ...products]} onChange={(id) => { choose({ template: id }); }} />
              <Generate month={calendar.month} />
            </div>
            <Whole key={`${calendar.month} ${template ?? ""}`} calendar={calendar} templates={(templates.data ?? []).filter(({ id }) => template === null || id === template)} single={template !== null} />
          </>
        )}
      </Loaded>
    </Frame>
  );
}

function MonthName({ month }: { month: string }): string {
  const { settings } = useSettings();
  return new Intl.DateTimeFormat(settings.language === "zh" ? "zh-CN" : "en-US", { year: "numeric", month: "long", timeZone: "UTC" }).format(new Date(`${month}-01T00:00:00Z`));
}

function Whole({ calendar, templates, single }: { calendar: Calendar; templates: readonly Template[]; single: boolean }): ReactNode {
  const { t } = useTranslation("earndesk_calendar");
  const { may } = useSession();
  const [chosen, setChosen] = useState<string | null>(null);
  const days = monthOf(calendar.month, calendar.items, templates);
  const missing = days.reduce((sum, day) => sum + day.missing.length, 0);
  const day = days.find(({ date }) => date === chosen);
  return (
    <>
      <Figures>
        {sumsOf(calendar.items).map(({ asset, quota, sold }) => (
          <Figure key={asset} name={t("sold_in", { asset })} note={<>{t("of")} <Amount value={quota} asset={asset} />{!isZero(quota) && <> · <Percent share={ratio(sold, quota, 6)} /></>}</>}>
            <Amount value={sold} asset={asset} />
          </Figure>
        ))}
        {sumsOf(calendar.items).map(({ asset, quota, sold }) => <Figure key={`left ${asset}`} name={t("left_in", { asset })}><Amount value={sub(quota, sold)} asset={asset} /></Figure>)}
        <Figure name={t("days")} note={missing === 0 ? t("no_gap") : undefined}>{String(calendar.items.length)}</Figure>
        {missing > 0 && <Figure name={t("gaps")} note={may("earn:write") ? t("gaps_note") : undefined}>{String(missing)}</Figure>}
      </Figures>
      {calendar.items.length === 0 && missing === 0 && <Empty title={t("none")} />}
      <Tabs label={t("show")} tabs={[
        { id: "grid", title: t("grid"), body: () => <Month days={days} single={single} chosen={chosen} onChoose={setChosen} /> },
        { id: "table", title: t("table"), body: () => <Panel title={t("table")}><SalesTable rows={calendar.items} name={t("table")} file={`days-of-sale-${calendar.month}`} /></Panel> },
      ]} />
      {day !== undefined && <DaySales key={day.date} day={day} />}
    </>
  );
}
