// What follows from a deposit, a withdrawal or an address without asking anybody. What counts is what the server says when it is asked.

import { add, canonical, compare, isDecimal, lessThan, sign, sub, type Decimal } from "@/money/decimal";
import type { Deposit, DepositStatus, Network, Withdrawal, WithdrawalState, WithdrawalStatus } from "./wire";

// ----------------------------------------------------------------------------------------------------------------------- addresses

const ENDS = 4;
/** What an eye takes in at once stays whole: a gap in a memo would be typed. */
const WHOLE = 12;
/** What every address of a network begins with tells nothing: "0x", or the name of the chain up to the "1". */
const PREFIX = /^(0x|[a-z]{2,10}1(?=[02-9ac-hj-np-z]{20}))/i;

/** An address in fours, so that two can be compared; people look at its ends, so the last group is never a rest. */
export function groupsOf(address: string): string[] {
  if (address.length <= WHOLE) return [address];
  const prefix = PREFIX.exec(address)?.[0] ?? "";
  const head = address.slice(0, prefix.length + ENDS);
  const rest = address.slice(head.length);
  const middle = rest.slice(0, -ENDS).match(/.{1,4}/g) ?? [];
  return [head, ...middle, rest.slice(-ENDS)];
}

/** For a line of a list. */
export function shortOf(address: string): string {
  const groups = groupsOf(address);
  return groups.length < 4 ? address : `${groups[0] ?? ""}…${groups[groups.length - 1] ?? ""}`;
}

const EVM = /^0x[0-9a-f]{40}$/i;
const BASE58 = /^[1-9A-HJ-NP-Za-km-z]{25,62}$/;
const BECH32 = /^([a-z]{2,10}1[02-9ac-hj-np-z]{8,87}|[A-Z]{2,10}1[02-9AC-HJ-NP-Z]{8,87})$/;

export type AddressFault = "spaces" | "evm" | "utxo";

/** What is obviously no address of this kind of chain; a wrong digit only the server finds, by the checksum. */
export function addressFault(kind: string, address: string): AddressFault | null {
  if (/\s/.test(address)) return "spaces";
  if (kind === "evm") return EVM.test(address) ? null : "evm";
  if (kind === "utxo") return BASE58.test(address) || BECH32.test(address) ? null : "utxo";
  return null;
}

/** Where an explorer shows a transaction. Only the web is linked to. */
export const explorerLink = (explorer: string | null | undefined, txid: string): string | null => (
  explorer?.includes("{txid}") === true && /^https?:\/\//.test(explorer) ? explorer.replace("{txid}", encodeURIComponent(txid)) : null
);

// ------------------------------------------------------------------------------------------------------------------------ deposits

export interface Progress {
  n: number;
  of: number;
  left: number;
}

/** Confirmations towards what comes next: the credit, then the day it may leave again; null where none are counted. */
export function progressOf({ status, confirmations, confirmations_to_credit: credit, confirmations_to_final: final }: Deposit): Progress | null {
  if (status !== "seen" && status !== "confirming" && status !== "credited") return null;
  const of = status === "credited" ? final : credit;
  const n = Math.min(confirmations, of);
  return { n, of, left: of - n };
}

const MOVING: ReadonlySet<DepositStatus> = new Set(["seen", "confirming", "credited", "held", "refunding"]);

/** Whether it is on its way to another status. */
export const isMoving = ({ status }: Pick<Deposit, "status">): boolean => MOVING.has(status);

/** What was credited and may not leave yet. */
export const unsettledOf = (credited: readonly Pick<Deposit, "asset" | "amount">[], asset: string): Decimal => (
  credited.filter((one) => one.asset === asset).map(({ amount }) => amount).reduce(add, "0")
);

// --------------------------------------------------------------------------------------------------------------------- withdrawals

export interface Funds {
  /** What is available; null while it is not known. */
  available: Decimal | null;
  /** What was credited and may not leave yet; null while it is not known. */
  unsettled: Decimal | null;
}

export type AmountFault = { key: "minimum" | "fee" | "funds"; of: Decimal };

/** What was typed as an amount; null while it is none above zero. */
export const amountOf = (typed: string): Decimal | null => (isDecimal(typed) && sign(canonical(typed)) > 0 ? canonical(typed) : null);

/** The most that can arrive: what is there, less what may not leave yet, less the fee. Null while it is not known. */
export function mostOf({ available, unsettled }: Funds, fee: Decimal): Decimal | null {
  if (available === null || unsettled === null) return null;
  const most = sub(sub(available, unsettled), fee);
  return sign(most) > 0 ? most : "0";
}

/** Why this much cannot be sent. */
export function faultOf(amount: Decimal, funds: Funds, { minimum_withdrawal: minimum, withdrawal_fee: fee }: Pick<Network, "minimum_withdrawal" | "withdrawal_fee">): AmountFault | null {
  if (lessThan(amount, minimum)) return { key: "minimum", of: minimum };
  if (compare(amount, fee) <= 0) return { key: "fee", of: fee };
  const most = mostOf(funds, fee);
  return most !== null && lessThan(most, amount) ? { key: "funds", of: most } : null;
}

/** What leaves the account so that the amount arrives. */
export const takenOf = (amount: Decimal, fee: Decimal): Decimal => add(amount, fee);

export const STEPS = ["requested", "checked", "sent", "confirmed", "done"] as const;
export type StepName = (typeof STEPS)[number];

export interface Step {
  name: StepName;
  at: string | null;
  standing: "done" | "now" | "stopped" | "ahead";
}

/** The step that is under way; what ended before its end stands where it came to. */
const UNDER_WAY: Partial<Record<WithdrawalStatus, StepName>> = { in_review: "checked", processing: "sent", sending: "sent", on_the_chain: "confirmed" };

/** The step that a state belongs to once it was reached. */
const MEANT: Partial<Record<WithdrawalState, StepName>> = {
  approved: "checked", reserved: "checked", sent: "sent", signed: "sent", broadcast: "sent", final: "done",
};
/** Between customers of one house nothing is sent or confirmed. */
const WITHIN: readonly StepName[] = ["requested", "checked", "done"];

/** From the wish to the end, each step with its moment where there was one. */
export function stepsOf(one: Pick<Withdrawal, "status" | "steps" | "internal" | "created_at">): Step[] {
  const names = STEPS.filter((name) => !one.internal || WITHIN.includes(name));
  const times = new Map<StepName, string>([["requested", one.created_at]]);
  for (const { name, at } of one.steps) {
    const step = MEANT[name];
    if (step !== undefined) times.set(step, at);
  }
  const ended = one.status === "rejected" || one.status === "cancelled" || one.status === "failed";
  const current = UNDER_WAY[one.status];
  const reached = names.reduce((furthest, name, at) => (times.has(name) ? at : furthest), 0);
  const now = ended ? Math.min(reached + 1, names.length - 1) : current === undefined ? names.length : Math.max(names.indexOf(current), 1);
  return names.map((name, at) => ({
    name, at: times.get(name) ?? null,
    standing: at < now ? "done" : at > now ? "ahead" : ended ? "stopped" : "now",
  }));
}

/** The house may keep another spelling of it. */
const sameAddress = (a: string, b: string): boolean => a.toLowerCase() === b.toLowerCase();

const ENDED: ReadonlySet<WithdrawalStatus> = new Set(["completed", "rejected", "cancelled", "failed"]);

export const isOpen = ({ status }: Pick<Withdrawal, "status">): boolean => !ENDED.has(status);

/** Whether a reason is a word that there may be a sentence for; what people or other programs wrote is shown as they wrote it. */
export const isWord = (reason: string): boolean => /^[a-z_]+$/.test(reason);

/** The withdrawal that a request without an answer made after all: the same wish, and not there before. */
export function madeBy(
  wish: Pick<Withdrawal, "asset" | "network" | "amount" | "address" | "memo">, before: ReadonlySet<string>, found: readonly Withdrawal[],
): Withdrawal | null {
  return found.find((one) => (
    !before.has(one.id) && one.asset === wish.asset && one.network === wish.network && sameAddress(one.address, wish.address) && (one.memo ?? "") === (wish.memo ?? "")
    && compare(one.amount, wish.amount) === 0
  )) ?? null;
}

// ------------------------------------------------------------------------------------------------------------------------ networks

/** The assets of some networks, each once. */
export const assetsOf = (networks: readonly Network[]): string[] => [...new Set(networks.map(({ asset }) => asset))];
