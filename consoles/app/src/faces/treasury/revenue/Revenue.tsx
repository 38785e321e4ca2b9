// What trading earned, what venues took of it, and what is left; with the proof that the ledger says the same.

import { useInfiniteQuery } from "@tanstack/react-query";
import { useState, type ReactNode } from "react";
import { useTranslation } from "react-i18next";
import { api, ask, type Schemas } from "@/api/client";
import { Button } from "@/kit/Button";
import { Select } from "@/kit/fields";
import { Figure, Figures } from "@/kit/Figures";
import { Panel } from "@/kit/Panel";
import { Empty, Failed, Skeleton } from "@/kit/states";
import { Amount, Change, Percent, When } from "@/kit/values";
import { add, isZero, ratio } from "@/money/decimal";
import { useSession } from "@/session/session";
import { Frame } from "../Frame";
import { businessNow } from "../controls/time";
import { Progress } from "../venues/Progress";
import { Groups, Ledger, Unbooked } from "./tables";

type Shape = Schemas["RevenueOut"];
type By = "day" | "venue" | "symbol";
interface Place { cursor: string; from: string; to: string }

const DAY_MS = 86_400_000;
const PERIODS = { week: 7, month: 30, quarter: 90, year: 365 } as const;
type Period = keyof typeof PERIODS;

async function page(by: By, period: Period, place: Place | null): Promise<Shape> {
  const from = place?.from ?? new Date((await businessNow()) - PERIODS[period] * DAY_MS).toISOString();
  const further = place === null ? {} : { to: place.to, cursor: place.cursor };
  return ask(api.GET("/v1/revenue", { params: { query: { by, from, limit: 200, ...further } } }));
}

export default function Revenue(): ReactNode {
  const { t } = useTranslation(["treasury", "common"]);
  const { may } = useSession();
  const [by, setBy] = useState<By>("day");
  const [period, setPeriod] = useState<Period>("month");
  const query = useInfiniteQuery({
    queryKey: ["treasury", "revenue", by, period], initialPageParam: null as Place | null, refetchInterval: 15_000,
    queryFn: ({ pageParam }) => page(by, period, pageParam),
    getNextPageParam: (last): Place | null => (last.next_cursor === null ? null : { cursor: last.next_cursor, from: last.start, to: last.end }),
  });
  const first = query.data?.pages[0];
  const groups = query.data?.pages.flatMap((one) => one.items) ?? [];
  return (
    <Frame title={t("room.revenue")} note={t("revenue.note")}>
      <div className="treasury-filters">
        <Select label={t("revenue.by")} value={by} onChange={(id) => { setBy(id as By); }}
          choices={(["day", "venue", "symbol"] as const).map((id) => ({ id, text: t(`revenue.group.${id}`) }))} />
        <Select label={t("revenue.period")} value={period} onChange={(id) => { setPeriod(id as Period); }}
          choices={(Object.keys(PERIODS) as Period[]).map((id) => ({ id, text: t("revenue.days", { n: PERIODS[id] }) }))} />
      </div>
      {first === undefined && (query.isError ? <Failed error={query.error} retry={() => void query.refetch()} /> : <Skeleton lines={8} />)}
      {first !== undefined && (
        <>
          {query.isError && <Failed error={query.error} retry={() => void query.refetch()} />}
          <Summary of={first} />
          <Panel title={t(`revenue.title.${by}`)}>
            {groups.length === 0 ? <Empty title={t("revenue.none")} /> : <Groups by={by} rows={groups} />}
            {query.hasNextPage && <Button busy={query.isFetchingNextPage} onPress={() => void query.fetchNextPage()}>{t("common:action.more")}</Button>}
          </Panel>
          <Panel title={t("revenue.ledger")}>{first.assets.length === 0 ? <Empty title={t("revenue.none")} /> : <Ledger rows={first.assets} />}</Panel>
          {first.unbooked_fees.length > 0 && <Panel title={t("revenue.unbooked")}><Unbooked rows={first.unbooked_fees} /></Panel>}
        </>
      )}
      {may("treasury:read") && <Panel title={t("fees.title")}><Progress /></Panel>}
    </Frame>
  );
}

function Summary({ of }: { of: Shape }): ReactNode {
  const { t } = useTranslation("treasury");
  const { totals, reporting_currency: asset } = of;
  const gross = add(totals.trade_fees, totals.spread);
  return (
    <Figures>
      <Figure name={t("revenue.col.net")} note={<>{t("revenue.as_of")} <When at={of.as_of} /></>}><Change value={totals.net} asset={asset} max={8} /></Figure>
      <Figure name={t("revenue.margin")} note={t("revenue.margin_note")}>
        {isZero(gross) ? <span className="dim">–</span> : <Percent share={ratio(totals.net, gross, 8)} places={4} />}
      </Figure>
      <Figure name={t("revenue.col.trade_fees")}><Amount value={totals.trade_fees} asset={asset} /></Figure>
      <Figure name={t("revenue.col.spread")}><Amount value={totals.spread} asset={asset} /></Figure>
      <Figure name={t("revenue.col.venue_fees")}><Amount value={totals.venue_fees} asset={asset} /></Figure>
      <Figure name={t("revenue.col.volume")} note={t("revenue.waiting", { n: of.waiting })}><Amount value={totals.volume} asset={asset} /></Figure>
    </Figures>
  );
}
