import { describe, expect, it } from "vitest";
import en from "@/i18n/en/funding.json";
import zh from "@/i18n/zh/funding.json";
import { addressFault, amountOf, assetsOf, explorerLink, faultOf, groupsOf, isMoving, isOpen, madeBy, mostOf, progressOf, shortOf, STEPS, stepsOf, takenOf, unsettledOf } from "./model";
import { qrOf } from "./qr";
import type { Deposit, Network, Withdrawal } from "./wire";
import { DEPOSIT_TONES, ENTRY_TONES, WITHDRAWAL_TONES } from "./words";

const EVM = "0x52908400098527886E0F7030069857D2E4169EE7";
const BECH32 = "bc1qar0srrr7xfkvy5l643lydnw9re59gtzzwf5mdq";
const BASE58 = "1BvBMSEYstWetqTFn5Au4m4GFg7xJaNVN2";

describe("an address", () => {
  it("stands in fours, with nothing lost and its ends whole", () => {
    for (const address of [EVM, BECH32, BASE58, "rEb8TK3gBgk5auZkwc6sHnwrGVJH8DuaLh", "short", ""]) expect(groupsOf(address).join("")).toBe(address);
    expect(groupsOf(EVM)).toEqual(["0x5290", "8400", "0985", "2788", "6E0F", "7030", "0698", "57D2", "E416", "9EE7"]);
    expect(groupsOf(BECH32)).toEqual(["bc1qar0", "srrr", "7xfk", "vy5l", "643l", "ydnw", "9re5", "9gtz", "zwf", "5mdq"]);
    expect(groupsOf(BASE58)[0]).toBe("1BvB");
    expect([groupsOf("104729"), groupsOf("123456789012"), groupsOf("1234567890123")]).toEqual([["104729"], ["123456789012"], ["1234", "5678", "9", "0123"]]);
    expect([shortOf(EVM), shortOf("104729")]).toEqual(["0x5290…9EE7", "104729"]);
  });

  it("is refused where it is obviously none", () => {
    expect([addressFault("evm", EVM), addressFault("utxo", BECH32), addressFault("utxo", BECH32.toUpperCase()), addressFault("utxo", BASE58), addressFault("else", "alice.near")]).toEqual([null, null, null, null, null]);
    expect([addressFault("evm", BECH32), addressFault("evm", EVM.slice(0, -1)), addressFault("evm", `${EVM}0`), addressFault("evm", `x${EVM}`)]).toEqual(["evm", "evm", "evm", "evm"]);
    expect([addressFault("utxo", EVM), addressFault("utxo", "bc1Qar0srrr7xfkvy5l643lydnw9re59gtzzwf5mdq")]).toEqual(["utxo", "utxo"]);
    expect(addressFault("evm", `${EVM.slice(0, 20)} ${EVM.slice(20)}`)).toBe("spaces");
  });

  it("is drawn as a square with the three corners of a code", () => {
    const rows = qrOf(EVM);
    expect(new Set(rows.map((row) => row.length))).toEqual(new Set([rows.length]));
    expect(rows.length % 4).toBe(1);
    const corner = (top: number, left: number): string[] => rows.slice(top, top + 7).map((row) => row.slice(left, left + 7));
    const eye = ["1111111", "1000001", "1011101", "1011101", "1011101", "1000001", "1111111"];
    expect([corner(0, 0), corner(0, rows.length - 7), corner(rows.length - 7, 0)]).toEqual([eye, eye, eye]);
    expect(qrOf(BECH32)).not.toEqual(rows);
  });

  it("of a transaction leads to the web alone", () => {
    expect(explorerLink("https://scan.example/tx/{txid}", "0xab")).toBe("https://scan.example/tx/0xab");
    expect(explorerLink("https://scan.example/tx/{txid}", "../a?b")).toBe("https://scan.example/tx/..%2Fa%3Fb");
    expect([explorerLink(null, "1"), explorerLink("javascript:{txid}", "1"), explorerLink("https://scan.example", "1")]).toEqual([null, null, null]);
  });
});

describe("a deposit", () => {
  const at = (status: Deposit["status"], confirmations: number): Deposit => ({
    id: "d", customer_id: null, output: 0, asset: "USDT", network: "ethereum", amount: "5", address: EVM, memo: null, txid: "0x1", status, confirmations, confirmations_to_credit: 12, confirmations_to_final: 64,
    reason: null, seen_at: "2026-11-22T10:00:00Z", credited_at: null, final_at: null,
  });

  it("counts towards the credit, then towards the day it may leave", () => {
    expect(progressOf(at("seen", 0))).toEqual({ n: 0, of: 12, left: 12 });
    expect(progressOf(at("confirming", 5))).toEqual({ n: 5, of: 12, left: 7 });
    expect(progressOf(at("confirming", 13))).toEqual({ n: 12, of: 12, left: 0 });
    expect(progressOf(at("credited", 13))).toEqual({ n: 13, of: 64, left: 51 });
    for (const status of ["final", "held", "released", "refunding", "orphaned", "reversed", "below_minimum", "suspense"] as const) expect(progressOf(at(status, 3))).toBe(null);
  });

  it("is looked at again while it moves, and not afterwards", () => {
    expect([at("seen", 0), at("credited", 13), at("held", 13)].every(isMoving)).toBe(true);
    expect([at("final", 64), at("reversed", 0), at("below_minimum", 12), at("suspense", 12)].some(isMoving)).toBe(false);
  });

  it("that may not leave yet is added up for its own asset", () => {
    expect(unsettledOf([{ asset: "USDT", amount: "0.1" }, { asset: "USDT", amount: "0.2" }, { asset: "ETH", amount: "9" }], "USDT")).toBe("0.3");
    expect(unsettledOf([], "USDT")).toBe("0");
  });
});

describe("an amount to withdraw", () => {
  const network = { minimum_withdrawal: "10", withdrawal_fee: "1.5" };

  it("is at most what is there, less what may not leave yet, less the fee", () => {
    expect(mostOf({ available: "100.10", unsettled: "0.2" }, "1.5")).toBe("98.4");
    expect(mostOf({ available: "100", unsettled: "99" }, "1.5")).toBe("0");
    expect(mostOf({ available: "1", unsettled: "5" }, "0")).toBe("0");
    expect([mostOf({ available: null, unsettled: "0" }, "0"), mostOf({ available: "1", unsettled: null }, "0")]).toEqual([null, null]);
    expect(mostOf({ available: "0.30000000000000000001", unsettled: "0" }, "0.1")).toBe("0.20000000000000000001");
  });

  it("is refused for the first thing that is wrong", () => {
    const funds = { available: "100", unsettled: "20" };
    expect(faultOf("9.99", funds, network)).toEqual({ key: "minimum", of: "10" });
    expect(faultOf("78.51", funds, network)).toEqual({ key: "funds", of: "78.5" });
    expect(faultOf("78.5", funds, network)).toBe(null);
    expect(faultOf("2", funds, { minimum_withdrawal: "1", withdrawal_fee: "2" })).toEqual({ key: "fee", of: "2" });
    expect(faultOf("5000", { available: null, unsettled: null }, network)).toBe(null);
    expect(takenOf("78.5", "1.5")).toBe("80");
  });

  it("is none while nothing sensible is typed", () => {
    for (const typed of ["", "0", "-5", "1e3", "1,5", "."]) expect(amountOf(typed)).toBe(null);
    expect(amountOf("010.50")).toBe("10.5");
  });
});

describe("a withdrawal", () => {
  const made: Withdrawal = {
    id: "w", asset: "USDT", network: "ethereum", amount: "10", fee: "1", total: "11", address: EVM.toLowerCase(), memo: null, label: "cold", internal: false, state: "review", status: "in_review",
    steps: [], txid: null, confirmations: 0, explorer_url: null, reason: null, can_cancel: true, cancelling: false, created_at: "2026-11-22T10:00:00Z", updated_at: "2026-11-22T10:00:00Z",
  };
  const standing = (of: Partial<Withdrawal>): string => stepsOf({ ...made, ...of }).map(({ name, standing: is }) => `${name} ${is}`).join(", ");

  it("says which step is under way", () => {
    expect(standing({})).toBe("requested done, checked now, sent ahead, confirmed ahead, done ahead");
    expect(standing({ status: "processing" })).toBe("requested done, checked done, sent now, confirmed ahead, done ahead");
    expect(standing({ status: "on_the_chain" })).toBe("requested done, checked done, sent done, confirmed now, done ahead");
    expect(standing({ status: "completed" })).toBe("requested done, checked done, sent done, confirmed done, done done");
    expect(standing({ status: "completed", internal: true })).toBe("requested done, checked done, done done");
    expect(standing({ status: "processing", internal: true })).toBe("requested done, checked now, done ahead");
  });

  it("that ended early stands where it came to", () => {
    expect(standing({ status: "rejected" })).toBe("requested done, checked stopped, sent ahead, confirmed ahead, done ahead");
    expect(standing({ status: "failed", steps: [{ name: "approved", at: "2026-11-22T10:01:00Z" }] })).toBe("requested done, checked done, sent stopped, confirmed ahead, done ahead");
  });

  it("has the time of each step, the last where it took several", () => {
    const steps = [{ name: "reserved", at: "2026-11-22T10:01:00Z" }, { name: "signed", at: "2026-11-22T10:02:00Z" }, { name: "broadcast", at: "2026-11-22T10:03:00Z" }, { name: "confirming", at: "2026-11-22T10:04:00Z" }] as const;
    expect(stepsOf({ ...made, status: "on_the_chain", steps: [...steps] }).map(({ at }) => at?.slice(11, 16) ?? null)).toEqual(["10:00", "10:01", "10:03", null, null]);
  });

  it("is looked at again until it has ended", () => {
    expect((["in_review", "processing", "sending", "on_the_chain", "completed", "rejected", "cancelled", "failed"] as const).map((status) => isOpen({ status }))).toEqual([true, true, true, true, false, false, false, false]);
  });

  it("is found again after a lost answer, and no older one is taken for it", () => {
    const wish = { asset: "USDT", network: "ethereum", amount: "10.0", address: EVM, memo: null };
    expect(madeBy(wish, new Set(), [made])?.id).toBe("w");
    expect(madeBy(wish, new Set(["w"]), [made])).toBe(null);
    expect(madeBy(wish, new Set(["w"]), [{ ...made, id: "new" }, made])?.id).toBe("new");
    for (const other of [{ amount: "10.1" }, { asset: "USDC" }, { network: "tron" }, { memo: "7" }, { address: "0x00" }]) expect(madeBy(wish, new Set(), [{ ...made, ...other }])).toBe(null);
  });
});

it("an asset of several networks is offered once", () => {
  const on = (asset: string, network: string): Network => ({
    asset, network, title: network, kind: "evm", deposits: true, withdrawals: true, confirmations: 1, final_confirmations: 2, memo_required: false, minimum_deposit: "0", minimum_withdrawal: "0",
    withdrawal_fee: "0", explorer: null,
  });
  expect(assetsOf([on("USDT", "a"), on("ETH", "a"), on("USDT", "b")])).toEqual(["USDT", "ETH"]);
});

describe("words", () => {
  const keys = (of: unknown, at = ""): string[] => (typeof of === "object" && of !== null ? Object.entries(of).flatMap(([key, value]) => keys(value, `${at}.${key}`)) : [at]);
  const sorted = (of: object): string[] => Object.keys(of).sort();

  it("are there in both languages", () => {
    expect(keys(en)).toEqual(keys(zh));
  });

  it("are there for every status and step", () => {
    for (const texts of [en, zh]) {
      expect(sorted(texts.deposit.status)).toEqual(sorted(DEPOSIT_TONES));
      expect(sorted(texts.deposit.means)).toEqual(sorted(DEPOSIT_TONES));
      expect(sorted(texts.withdrawal.status)).toEqual(sorted(WITHDRAWAL_TONES));
      expect(sorted(texts.withdrawal.means)).toEqual(sorted({ ...WITHDRAWAL_TONES, unknown: 0, manual: 0 }));
      expect(Object.keys(texts.withdrawal.step)).toEqual([...STEPS]);
      expect(sorted(texts.book.status)).toEqual(sorted(ENTRY_TONES));
    }
  });
});
