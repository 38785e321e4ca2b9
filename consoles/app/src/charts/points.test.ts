import { expect, test } from "vitest";
import { candlePoint, depthPath, volumePoint } from "./points";

const candle = { open_time: "2026-11-21T14:00:00Z", open: "10", high: "12", low: "9", close: "11.5", volume: "3" };

test("candles become points, and volume takes the colour of its candle", () => {
  expect(candlePoint(candle)).toEqual({ time: 1795269600, open: 10, high: 12, low: 9, close: 11.5 });
  expect(volumePoint(candle, { up: "u", down: "d" }).color).toBe("u");
  expect(volumePoint({ ...candle, close: "9.5" }, { up: "u", down: "d" }).color).toBe("d");
});

test("depth is a staircase that reaches the edge of the box", () => {
  const box = { width: 100, height: 100, low: "0", high: "10", most: "4" };
  expect(depthPath([{ price: "5", total: "1" }, { price: "6", total: "4" }], box)).toBe("M50.0 100 L50.0 100.0 L50.0 76.5 L60.0 76.5 L60.0 6.0 L100.0 6.0 L100.0 100 Z");
  expect(depthPath([], box)).toBe("");
});
