// The one place where amounts become numbers: a chart needs them to find pixels. Nothing comes back from here into an amount.

import type { CandlestickData, HistogramData, UTCTimestamp } from "lightweight-charts";
import type { Decimal } from "@/money/decimal";

export interface CandleTexts {
  open_time: string;
  open: Decimal;
  high: Decimal;
  low: Decimal;
  close: Decimal;
  volume: Decimal;
}

export const timeOf = (at: string): UTCTimestamp => Math.floor(Date.parse(at) / 1000) as UTCTimestamp;

export const level = (value: Decimal): number => Number(value);

export function candlePoint(candle: CandleTexts): CandlestickData<UTCTimestamp> {
  return {
    time: timeOf(candle.open_time), open: Number(candle.open), high: Number(candle.high), low: Number(candle.low), close: Number(candle.close),
  };
}

export function volumePoint(candle: CandleTexts, colors: { up: string; down: string }): HistogramData<UTCTimestamp> {
  const rose = Number(candle.close) >= Number(candle.open);
  return { time: timeOf(candle.open_time), value: Number(candle.volume), color: rose ? colors.up : colors.down };
}

export interface Step {
  price: Decimal;
  total: Decimal;
}

/** The outline of one side of the book in a box of `width` × `height`; prices run from `low` to `high`, sums up to `most`. */
export function depthPath(steps: readonly Step[], box: { width: number; height: number; low: Decimal; high: Decimal; most: Decimal }): string {
  const low = Number(box.low);
  const wide = Number(box.high) - low || 1;
  const most = Number(box.most) || 1;
  const x = (price: Decimal): string => (((Number(price) - low) / wide) * box.width).toFixed(1);
  const y = (total: Decimal): string => (box.height - (Number(total) / most) * box.height * 0.94).toFixed(1);
  const first = steps[0];
  const last = steps.at(-1);
  if (first === undefined || last === undefined) return "";
  const parts = [`M${x(first.price)} ${String(box.height)}`];
  let before = "0";
  for (const step of steps) {
    parts.push(`L${x(step.price)} ${y(before)}`, `L${x(step.price)} ${y(step.total)}`);
    before = step.total;
  }
  const rises = Number(last.price) >= Number(first.price);
  const edge = rises ? box.width : 0;
  return [...parts, `L${edge.toFixed(1)} ${y(last.total)}`, `L${edge.toFixed(1)} ${String(box.height)}`, "Z"].join(" ");
}
