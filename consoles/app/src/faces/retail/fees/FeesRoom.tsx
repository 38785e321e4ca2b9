import { useQuery } from "@tanstack/react-query";
import type { ReactNode } from "react";
import { api, ask, type Schemas } from "@/api/client";
import { useWords } from "@/faces/retail/words";
import { Panel } from "@/kit/Panel";
import { Loaded } from "@/kit/states";
import { Table } from "@/kit/Table";
import { Amount, Facts, Pill, When } from "@/kit/values";
import { atLeast, isZero, mul, ratio } from "@/money/decimal";
import "../retail-more.css";

type Fees = Schemas["FeesOut"];

export default function FeesRoom(): ReactNode {
  const { t } = useWords();
  const query = useQuery({ queryKey: ["fees"], staleTime: 60_000, queryFn: () => ask(api.GET("/v1/fees")) });
  return (
    <div className="stack retail-page">
      <h1>{t("retail_more:room.fees")}</h1>
      <Loaded query={query} lines={10}>{(fees) => <><Own fees={fees} /><Tiers fees={fees} /></>}</Loaded>
    </div>
  );
}

function Own({ fees }: { fees: Fees }): ReactNode {
  const { t, percent, about, time } = useWords();
  return (
    <Panel title={t("retail_more:fees.own")}>
      <div className="stack">
        <Facts rows={[
          [t("retail_more:fees.taker"), <strong key="taker">{percent(fees.taker, 3)}</strong>],
          [t("retail_more:fees.maker"), <strong key="maker">{percent(fees.maker, 3)}</strong>],
          [t("retail_more:fees.volume", { days: fees.volume_days }), about(fees.volume, fees.reporting_currency)],
          [t("retail_more:fees.as_of"), <When key="as_of" at={fees.as_of} />],
        ]} />
        <p>{fees.source === "tier" ? t("retail_more:fees.by_tier", { tier: fees.tier }) : t("retail_more:fees.by_agreement")}
          {fees.agreed_until !== null && ` ${t("retail_more:fees.until", { at: time(fees.agreed_until) })}`}</p>
        <Progress fees={fees} />
        <p className="dim">{t("retail_more:fees.taker_means")}</p>
        <p className="dim">{t("retail_more:fees.maker_means")}</p>
        <p className="dim">{t("retail_more:fees.asset_means")}</p>
      </div>
    </Panel>
  );
}

/** How far it is to the next tier. */
function Progress({ fees }: { fees: Fees }): ReactNode {
  const { t, about, percent } = useWords();
  const next = fees.next_tier;
  if (next === null) return <p>{t("retail_more:fees.top")}</p>;
  const done = atLeast(fees.volume, next.min_volume) || isZero(next.min_volume) ? "1" : ratio(fees.volume, next.min_volume, 4);
  return (
    <div className="stack">
      <p>{t("retail_more:fees.missing", {
        missing: about(next.missing, fees.reporting_currency), tier: next.tier, maker: percent(next.maker, 3), taker: percent(next.taker, 3),
      })}</p>
      <div className="retail-filled" role="img" aria-label={t("retail_more:fees.progress", { share: percent(done, 0) })}>
        <span className="progress"><span style={{ width: `${mul(done, "100")}%` }} /></span><span className="number">{percent(done, 1)}</span>
      </div>
    </div>
  );
}

function Tiers({ fees }: { fees: Fees }): ReactNode {
  const { t, percent } = useWords();
  const mine = (tier: number): boolean => fees.source === "tier" && tier === fees.tier;
  return (
    <Panel title={t("retail_more:fees.tiers")}>
      <Table name={t("retail_more:fees.tiers")} rows={fees.tiers} rowKey={(row) => String(row.tier)} file="fee-tiers" columns={[
        { key: "tier", title: t("retail_more:fees.tier"), csv: (row) => String(row.tier), cell: (row) => (
          <>{row.tier} {mine(row.tier) && <Pill tone="good">{t("retail_more:fees.yours")}</Pill>}</>
        ) },
        { key: "from", title: t("retail_more:fees.from", { days: fees.volume_days }), end: true, cell: (row) => <Amount value={row.min_volume} asset={fees.reporting_currency} />, csv: (row) => row.min_volume },
        { key: "maker", title: t("retail_more:fees.maker"), end: true, cell: (row) => percent(row.maker, 3), csv: (row) => row.maker },
        { key: "taker", title: t("retail_more:fees.taker"), end: true, cell: (row) => percent(row.taker, 3), csv: (row) => row.taker },
      ]} />
    </Panel>
  );
}
