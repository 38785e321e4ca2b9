import { expect, test } from "vitest";
import { belowArrived, choicesOf, draftOf, EMPTY, leavesOf, outcomeOf, placeOf, receivedOf, roadOf, roadsOf, settled, stepsOf, wishOf } from "./model";
import type { Place, Proposal, Rail, Transfer } from "./reads";

const rail = (location: string, network: string, more: Partial<Rail> = {}): Rail => ({
  location, asset: "USDT", network, fee: "2.5", minimum: "10", deposits: true, withdrawals: true, memo_required: false, address: null, memo: null,
  read_at: "2026-11-22T10:00:00Z", ...more,
});
const rails = [rail("venue:okx", "tron"), rail("venue:kraken", "tron"), rail("venue:kraken", "ethereum"), rail("venue:okx", "ethereum", { deposits: false })];
const proposal: Proposal = {
  id: "p1", from: "venue:kraken", to: "venue:okx", asset: "USDT", network: "tron", amount: "5000", fee: "1", minutes: 10, usable: "1", line: "2",
  computed_at: "2026-11-22T10:00:00Z", expires_at: "2026-11-22T10:30:00Z",
};

test("a way is open where one side sends and the other one takes", () => {
  const roads = roadsOf(rails);
  expect(roads.map(({ sending, taking }) => `${sending.location} ${taking.location} ${sending.network}`)).toEqual([
    "venue:okx venue:kraken tron", "venue:kraken venue:okx tron", "venue:okx venue:kraken ethereum",
  ]);
  expect(choicesOf(roads, { asset: "USDT", from: "venue:okx", to: "venue:kraken" }).networks).toEqual(["ethereum", "tron"]);
  expect(choicesOf(roads, { asset: "BTC", from: "", to: "" }).from).toEqual([]);
});

test("where only one way is left it is taken, and what cannot be any more is emptied", () => {
  const roads = roadsOf(rails);
  expect(settled(roads, { ...EMPTY, asset: "USDT", from: "venue:kraken" })).toMatchObject({ to: "venue:okx", network: "tron" });
  expect(settled(roads, { ...EMPTY, asset: "USDT", from: "venue:okx", to: "venue:okx", network: "tron" })).toMatchObject({ to: "venue:kraken", network: "tron" });
  expect(settled(roads, { ...EMPTY, asset: "BTC", from: "venue:okx", to: "venue:kraken", network: "tron" })).toMatchObject({ from: "", to: "", network: "" });
});

test("a proposal fills the form and is named as long as the form says the same", () => {
  const draft = draftOf(proposal);
  expect(wishOf(draft, "4000")).toEqual({ asset: "USDT", from: "venue:kraken", to: "venue:okx", network: "tron", amount: "4000", proposal_id: "p1" });
  expect(wishOf({ ...draft, network: "ethereum" }, "4000")).not.toHaveProperty("proposal_id");
  expect(roadOf(roadsOf(rails), draft)?.sending.fee).toBe("2.5");
  expect(leavesOf("4000", { fee: "2.5" })).toBe("4002.5");
});

test("only an approved address of the same asset and network is gone to", () => {
  const place = { location: "venue:okx", asset: "USDT", network: "tron", state: "waiting" } as Place;
  expect(placeOf([place], draftOf(proposal))).toBeUndefined();
  expect(placeOf([{ ...place, network: "ethereum", state: "active" }, { ...place, state: "active" }], draftOf(proposal))?.network).toBe("tron");
});

test("what arrived is at its end, and what did not says when it ended", () => {
  const one = { created_at: "1", approved_at: "2", left_at: "3", arrived_at: "4", ended_at: "4" } as Transfer;
  expect(stepsOf(one).map(({ name }) => name)).toEqual(["asked", "agreed", "left", "arrived"]);
  expect(stepsOf({ ...one, left_at: null, arrived_at: null, ended_at: "3" }).map(({ name }) => name)).toEqual(["asked", "agreed", "ended"]);
});

test("what is missing is a loss, what is there beyond it a gain", () => {
  expect(outcomeOf("4000", "3999.5")).toEqual({ kind: "loss", sum: "0.5" });
  expect(outcomeOf("4000", "4000.00")).toEqual({ kind: "even", sum: "0" });
  expect(outcomeOf("4000", "4001")).toEqual({ kind: "gain", sum: "1" });
});

test("nothing at all may have come, but never less than what is booked as arrived", () => {
  expect(["0", "3990.0", "", "-1", "1e3"].map(receivedOf)).toEqual(["0", "3990", null, null, null]);
  expect(["3989.9", "3990"].map((received) => belowArrived(received, { arrived: "3990" }))).toEqual([true, false]);
  expect(belowArrived("0", { arrived: null })).toBe(false);
});
