// The reports of past days, newest first; a day opens to its assets.

import { useInfiniteQuery } from "@tanstack/react-query";
import { useState, type ReactNode } from "react";
import { useTranslation } from "react-i18next";
import { api, ask, type Schemas } from "@/api/client";
import { Button } from "@/kit/Button";
import { Dialog } from "@/kit/Dialog";
import { Empty } from "@/kit/states";
import { Table, type Column } from "@/kit/Table";
import { Amount, Change } from "@/kit/values";
import { Pages } from "../Pages";
import { Books, Positions } from "./Books";

type Day = Schemas["DayReportOut"];

export function Reports(): ReactNode {
  const { t } = useTranslation("treasury");
  const [opened, setOpened] = useState<Day | null>(null);
  const query = useInfiniteQuery({
    queryKey: ["treasury", "reports"], initialPageParam: null as string | null, getNextPageParam: (page: Schemas["Page_DayReportOut_"]) => page.next_cursor,
    queryFn: ({ pageParam }) => ask(api.GET("/v1/treasury/exposure/reports", { params: { query: { cursor: pageParam } } })),
  });
  const worth = (key: "volume" | "trade_fees" | "spread" | "venue_fees"): Column<Day> =>
    ({ key, title: t(`revenue.col.${key}`), end: true, cell: (day) => <Amount value={day[key]} />, csv: (day) => day[key] });
  const gain = (key: "net" | "realised" | "unrealised"): Column<Day> =>
    ({ key, title: t(`exposure.day.${key}`), end: true, cell: (day) => <Change value={day[key]} max={8} />, csv: (day) => day[key] });
  const columns: Column<Day>[] = [
    { key: "day", title: t("word.day"), csv: (day) => day.day,
      cell: (day) => <Button kind="quiet" onPress={() => { setOpened(day); }}>{day.day}</Button> },
    { key: "fills", title: t("revenue.col.fills"), end: true, cell: (day) => day.fills, csv: (day) => String(day.fills) },
    worth("volume"), worth("trade_fees"), worth("spread"), worth("venue_fees"), gain("net"), gain("realised"), gain("unrealised"),
    { key: "gaps", title: t("exposure.gaps"), end: true, cell: (day) => day.hedge_gaps, csv: (day) => String(day.hedge_gaps) },
  ];
  return (
    <>
      <Pages query={query} empty={<Empty title={t("exposure.no_reports")} />}>
        {(days) => <Table name={t("exposure.reports")} columns={columns} rows={days} rowKey={(day) => day.day} file="daily-reports" />}
      </Pages>
      <Dialog title={opened?.day ?? ""} isOpen={opened !== null} onClose={() => { setOpened(null); }} wide>
        {opened !== null && <><Books rows={opened.assets} /><Positions rows={opened.assets} currency="USDT" /></>}
      </Dialog>
    </>
  );
}
