// The adapter to lightweight-charts: candles, volume, own fills as arrows and own orders as lines. No React here, and no amount leaves it.

import {
  CandlestickSeries, createChart, createSeriesMarkers, HistogramSeries, LineStyle,
  type IChartApi, type IPriceLine, type ISeriesApi, type ISeriesMarkersPluginApi, type SeriesMarker, type Time, type UTCTimestamp,
} from "lightweight-charts";
import { placesOf, type Decimal } from "@/money/decimal";
import { formatClock, formatTime, type Zone } from "@/time/format";
import { candlePoint, level, timeOf, volumePoint, type CandleTexts } from "./points";
import type { Palette } from "./palette";

export interface OrderLine {
  id: string;
  price: Decimal;
  side: string;
  dashed: boolean;
  title: string;
}

export interface FillMark {
  side: string;
  quantity: Decimal;
  executed_at: string;
}

const textOf = (time: Time): string => new Date((time as UTCTimestamp) * 1000).toISOString();

export class CandleChart {
  private readonly chart: IChartApi;
  private readonly candles: ISeriesApi<"Candlestick">;
  private readonly volume: ISeriesApi<"Histogram">;
  private readonly marks: ISeriesMarkersPluginApi<Time>;
  private known = new Map<number, CandleTexts>();
  private last = 0;
  private fills: readonly FillMark[] = [];
  private lines: { order: OrderLine; line: IPriceLine }[] = [];
  private palette: Palette;
  private readonly daily: boolean;

  constructor(element: HTMLElement, { tick, zone, palette, daily }: { tick: Decimal; zone: Zone; palette: Palette; daily: boolean }) {
    this.palette = palette;
    this.daily = daily;
    this.chart = createChart(element, {
      autoSize: true,
      layout: { attributionLogo: false, fontSize: 11 },
      timeScale: { timeVisible: !daily, rightOffset: 4 },
      rightPriceScale: { scaleMargins: { top: 0.08, bottom: 0.22 } },
    });
    const places = placesOf(tick);
    this.candles = this.chart.addSeries(CandlestickSeries, { priceFormat: { type: "price", precision: places, minMove: level(tick) } });
    this.volume = this.chart.addSeries(HistogramSeries, { priceScaleId: "volume", priceFormat: { type: "volume" }, lastValueVisible: false, priceLineVisible: false });
    this.chart.priceScale("volume").applyOptions({ scaleMargins: { top: 0.82, bottom: 0 } });
    this.marks = createSeriesMarkers(this.candles, []);
    this.paint(palette, zone);
  }

  /** All that is known of the past; what was told meanwhile is kept. */
  set(candles: readonly CandleTexts[]): void {
    const told = [...this.known.values()];
    this.known = new Map(candles.map((candle) => [timeOf(candle.open_time), candle]));
    for (const candle of told) this.known.set(timeOf(candle.open_time), candle);
    this.draw();
  }

  /** New and amended candles: the newest one is the cheap and usual case. */
  tell(candles: readonly CandleTexts[]): void {
    const newest = candles.length <= 2 && candles.every((candle) => timeOf(candle.open_time) >= this.last);
    for (const candle of candles) this.known.set(timeOf(candle.open_time), candle);
    if (!newest || this.last === 0) { this.draw(); return; }
    for (const candle of candles) {
      this.last = timeOf(candle.open_time);
      this.candles.update(candlePoint(candle));
      this.volume.update(this.bar(candle));
    }
  }

  setFills(fills: readonly FillMark[]): void {
    this.fills = fills;
    this.mark();
  }

  setLines(orders: readonly OrderLine[]): void {
    for (const { line } of this.lines) this.candles.removePriceLine(line);
    this.lines = orders.map((order) => ({ order, line: this.candles.createPriceLine({
      price: level(order.price), title: order.title, color: order.side === "buy" ? this.palette.up : this.palette.down,
      lineWidth: 1, lineStyle: order.dashed ? LineStyle.Dashed : LineStyle.Solid, axisLabelVisible: true,
    }) }));
  }

  /** Theme, colours of rise and fall, and time zone as they are now. Days and weeks open in UTC and are named so. */
  paint(palette: Palette, zone: Zone): void {
    this.palette = palette;
    const short = (at: string): string => (this.daily ? formatTime(at, "utc").slice(5, 10) : formatClock(at, zone).slice(0, 5));
    const long = (at: string): string => (this.daily ? formatTime(at, "utc").slice(0, 10) : formatTime(at, zone).slice(0, 16));
    const { up, down, line } = palette;
    this.chart.applyOptions({
      layout: { textColor: palette.text, background: { color: palette.panel } },
      grid: { vertLines: { color: line, style: LineStyle.Dotted }, horzLines: { color: line, style: LineStyle.Dotted } },
      rightPriceScale: { borderColor: line },
      localization: { timeFormatter: (time: Time) => long(textOf(time)) },
      timeScale: { borderColor: line, tickMarkFormatter: (time: Time) => short(textOf(time)) },
      crosshair: { vertLine: { labelBackgroundColor: palette.upFill }, horzLine: { labelBackgroundColor: palette.upFill } },
    });
    this.candles.applyOptions({ upColor: up, downColor: down, wickUpColor: up, wickDownColor: down, borderVisible: false });
    this.volume.setData([...this.known.values()].sort(byTime).map((candle) => this.bar(candle)));
    this.setLines(this.lines.map(({ order }) => order));
    this.mark();
  }

  /** The candle under the pointer; null when it left. */
  onPoint(listener: (candle: CandleTexts | null) => void): void {
    this.chart.subscribeCrosshairMove(({ time }) => { listener(time === undefined ? null : (this.known.get(time as UTCTimestamp) ?? null)); });
  }

  /** The newest candle. */
  get newest(): CandleTexts | null {
    return this.known.get(this.last) ?? null;
  }

  remove(): void {
    this.chart.remove();
  }

  private draw(): void {
    const sorted = [...this.known.values()].sort(byTime);
    this.last = sorted.length === 0 ? 0 : timeOf(sorted[sorted.length - 1]?.open_time ?? "");
    this.candles.setData(sorted.map(candlePoint));
    this.volume.setData(sorted.map((candle) => this.bar(candle)));
    this.mark();
  }

  private bar(candle: CandleTexts): ReturnType<typeof volumePoint> {
    return volumePoint(candle, { up: this.palette.upFill, down: this.palette.downFill });
  }

  private mark(): void {
    const times = [...this.known.keys()].sort((a, b) => a - b);
    const markers = this.fills.flatMap((fill): SeriesMarker<Time>[] => {
      const time = times.findLast((start) => start <= timeOf(fill.executed_at));
      if (time === undefined) return [];
      const buys = fill.side === "buy";
      return [{
        time: time as UTCTimestamp, position: buys ? "belowBar" : "aboveBar", shape: buys ? "arrowUp" : "arrowDown",
        color: buys ? this.palette.up : this.palette.down, text: fill.quantity,
      }];
    });
    this.marks.setMarkers(markers);
  }
}

function byTime(a: CandleTexts, b: CandleTexts): number {
  return Date.parse(a.open_time) - Date.parse(b.open_time);
}
