import { expect, test } from "vitest";
import { grouped, spreadOf, stepsOf } from "./group";

const asks = [
  { price: "100.1", quantity: "1", venue: "okx" }, { price: "100.1", quantity: "2", venue: "kraken" }, { price: "100.9", quantity: "1", venue: "okx" },
  { price: "101", quantity: "4", venue: "okx" },
];

test("the finest step keeps venues apart, a coarser one joins them on the safe side", () => {
  const fine = { step: "0.1", tick: "0.1", up: true, most: 10 };
  expect(grouped(asks, fine).map(({ price, total }) => [price, total])).toEqual([["100.1", "1"], ["100.1", "3"], ["100.9", "4"], ["101", "8"]]);
  const coarse = grouped(asks, { ...fine, step: "1" });
  expect(coarse).toEqual([{ price: "101", quantity: "8", total: "8", share: "1", venues: ["okx", "kraken"] }]);
  expect(grouped(asks, { ...fine, step: "1", up: false }).map(({ price }) => price)).toEqual(["100", "101"]);
  expect(grouped(asks, { ...fine, most: 2 })).toHaveLength(2);
});

test("steps follow the tick, and a crossed book has a negative spread", () => {
  expect(stepsOf("0.01").slice(0, 3)).toEqual(["0.01", "0.1", "0.5"]);
  expect(spreadOf({ asks, bids: [{ price: "100.5", quantity: "1", venue: "kraken" }] })).toBe("-0.4");
  expect(spreadOf({ asks: [], bids: [] })).toBeNull();
});
