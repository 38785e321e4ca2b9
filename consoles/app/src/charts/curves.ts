// Lines through points, for plots that are drawn as own SVG. Like points.ts a place where amounts become numbers, and none comes back.

import type { Decimal } from "@/money/decimal";

export interface Point {
  x: Decimal;
  y: Decimal;
}

export interface Frame {
  left: number;
  right: number;
  low: number;
  high: number;
}

export const SIZE = { width: 640, height: 220 } as const;
const ROOM = 0.06; // above and below, so that a flat line is not the edge

/** The smallest frame around all points; `values` are heights that must be seen as well. */
export function frameOf(series: readonly (readonly Point[])[], values: readonly Decimal[] = []): Frame {
  const xs = series.flatMap((points) => points.map((point) => Number(point.x)));
  const ys = [...series.flatMap((points) => points.map((point) => Number(point.y))), ...values.map(Number)];
  const low = Math.min(...ys);
  const high = Math.max(...ys);
  const room = (high - low || Math.abs(high) || 1) * ROOM;
  return { left: Math.min(...xs), right: Math.max(...xs), low: low === 0 ? 0 : low - room, high: high + room };
}

export function heightIn(frame: Frame, value: Decimal): string {
  return (SIZE.height * (1 - (Number(value) - frame.low) / (frame.high - frame.low || 1))).toFixed(1);
}

export function pathIn(frame: Frame, points: readonly Point[]): string {
  const wide = frame.right - frame.left || 1;
  const place = ({ x, y }: Point): string => `${(((Number(x) - frame.left) / wide) * SIZE.width).toFixed(1)} ${heightIn(frame, y)}`;
  return points.map((point, at) => `${at === 0 ? "M" : "L"}${place(point)}`).join(" ");
}
