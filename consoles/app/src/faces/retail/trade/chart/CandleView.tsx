// The candle chart of a market, fed by the past once and by the channel from then on; React draws only the line of figures above it.

import { useEffect, useRef, useState, type ReactNode } from "react";
import { useTranslation } from "react-i18next";
import { CandleChart, type FillMark, type OrderLine } from "@/charts/candles";
import { paletteOf } from "@/charts/palette";
import type { CandleTexts } from "@/charts/points";
import { useMessages } from "@/feed/hooks";
import { Failed, Skeleton } from "@/kit/states";
import { Amount, Price, When } from "@/kit/values";
import { useSettings } from "@/settings/settings";
import type { Market } from "../data";
import { useCandles, type Interval } from "./intervals";

interface Props {
  market: Market;
  interval: Interval;
  lines: readonly OrderLine[];
  fills: readonly FillMark[];
}

export default function CandleView({ market, interval, lines, fills }: Props): ReactNode {
  const { t } = useTranslation("retail");
  const box = useRef<HTMLDivElement>(null);
  const chart = useRef<CandleChart | null>(null);
  const { theme, rise, zone } = useSettings().settings;
  const [pointed, setPointed] = useState<CandleTexts | null>(null);
  const [newest, setNewest] = useState<CandleTexts | null>(null);
  const { data, error, refetch } = useCandles(market.symbol, interval);

  useEffect(() => {
    if (box.current === null) return;
    const made = new CandleChart(box.current, { tick: market.tick, zone: "utc", palette: paletteOf(box.current), daily: interval === "1d" || interval === "1w" });
    made.onPoint(setPointed);
    chart.current = made;
    return () => { chart.current = null; made.remove(); };
  }, [market.tick, interval]);
  useEffect(() => {
    // The tokens change with an attribute of the page that an effect further up sets: look one frame later.
    const frame = requestAnimationFrame(() => { if (box.current !== null) chart.current?.paint(paletteOf(box.current), zone); });
    return () => { cancelAnimationFrame(frame); };
  }, [theme, rise, zone]);
  useEffect(() => { if (data !== undefined) chart.current?.set(data); setNewest(chart.current?.newest ?? null); }, [data]);
  useEffect(() => { chart.current?.setFills(fills); }, [fills]);
  useEffect(() => { chart.current?.setLines(lines); }, [lines]);
  useMessages(`candles:${market.symbol}:${interval}`, (message) => {
    chart.current?.tell(message.data as CandleTexts[]);
    setNewest(chart.current?.newest ?? null);
  });

  return (
    <div className="retail-candles">
      <Figures candle={pointed ?? newest} market={market} />
      {error !== null && data === undefined && <Failed error={error} retry={() => void refetch()} />}
      {data === undefined && error === null && newest === null && <Skeleton lines={6} />}
      <div ref={box} className="retail-canvas" role="img" aria-label={t("trade.chart.label", { symbol: market.symbol, interval })} />
    </div>
  );
}

function Figures({ candle, market }: { candle: CandleTexts | null; market: Market }): ReactNode {
  const { t } = useTranslation("retail");
  if (candle === null) return <p className="retail-figures dim">–</p>;
  return (
    <p className="retail-figures">
      <When at={candle.open_time} />
      {(["open", "high", "low", "close"] as const).map((key) => (
        <span key={key}><span className="dim">{t(`trade.chart.${key}`)}</span> <Price value={candle[key]} tick={market.tick} /></span>
      ))}
      <span><span className="dim">{t("trade.chart.volume_short")}</span> <Amount value={candle.volume} asset={market.base} /></span>
    </p>
  );
}
