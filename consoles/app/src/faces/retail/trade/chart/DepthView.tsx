import type { ReactNode } from "react";
import { useTranslation } from "react-i18next";
import { DepthChart } from "@/charts/DepthChart";
import { Skeleton } from "@/kit/states";
import { Amount, Price } from "@/kit/values";
import { grouped } from "../book/group";
import type { Market } from "../data";
import { useSampled } from "../useSampled";

const ALL = 100;

export default function DepthView({ market }: { market: Market }): ReactNode {
  const { t } = useTranslation("retail");
  const book = useSampled("book", market.symbol);
  if (book === null) return <div className="panel-body"><Skeleton lines={8} /></div>;
  const side = (up: boolean): ReturnType<typeof grouped> => grouped(up ? book.asks : book.bids, { step: market.tick, tick: market.tick, up, most: ALL });
  const [bids, asks] = [side(false), side(true)];
  return (
    <div className="retail-depth">
      <p className="retail-figures">
        <span className="up">▲ {t("trade.venues.bid")} <Amount value={bids.at(-1)?.total} asset={market.base} /></span>
        <span className="down">▼ {t("trade.venues.ask")} <Amount value={asks.at(-1)?.total} asset={market.base} /></span>
      </p>
      <DepthChart bids={bids} asks={asks} label={t("trade.chart.depth_label", { symbol: market.symbol })} />
      <p className="retail-axis dim">
        <Price value={bids.at(-1)?.price} tick={market.tick} /><Price value={bids[0]?.price} tick={market.tick} /><Price value={asks.at(-1)?.price} tick={market.tick} />
      </p>
    </div>
  );
}
