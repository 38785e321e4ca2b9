// Which ways are open for a transfer, and what fits the form, without asking anybody. What counts is what the server says when it is asked.

import { abs, add, canonical, isDecimal, lessThan, sign, sub, type Decimal } from "@/money/decimal";
import type { Place, Proposal, Rail, Transfer, Wish } from "./reads";

/** What stands in the form; a proposal's number as long as it says the same. */
export interface Draft {
  asset: string;
  from: string;
  to: string;
  network: string;
  amount: string;
  proposal: Proposal | null;
}

export const EMPTY: Draft = { asset: "", from: "", to: "", network: "", amount: "", proposal: null };

export interface Road {
  sending: Rail;
  taking: Rail;
}

/** Every open way from one place to another. */
export function roadsOf(rails: readonly Rail[]): Road[] {
  return rails.filter((sending) => sending.withdrawals).flatMap((sending) => (
    rails.filter((taking) => taking.deposits && taking.location !== sending.location && taking.asset === sending.asset && taking.network === sending.network)
      .map((taking) => ({ sending, taking }))
  ));
}

export interface Choices {
  assets: string[];
  from: string[];
  to: string[];
  networks: string[];
}

const each = (values: readonly string[]): string[] => [...new Set(values)].sort();

/** What can be chosen next: each choice narrows what comes after it. */
export function choicesOf(roads: readonly Road[], { asset, from, to }: Pick<Draft, "asset" | "from" | "to">): Choices {
  const ofAsset = roads.filter(({ sending }) => sending.asset === asset);
  const ofSource = ofAsset.filter(({ sending }) => sending.location === from);
  return {
    assets: each(roads.map(({ sending }) => sending.asset)),
    from: each(ofAsset.map(({ sending }) => sending.location)),
    to: each(ofSource.map(({ taking }) => taking.location)),
    networks: each(ofSource.filter(({ taking }) => taking.location === to).map(({ sending }) => sending.network)),
  };
}

const kept = (value: string, among: readonly string[]): string => (among.includes(value) ? value : among.length === 1 ? among[0] ?? "" : "");

/** The draft after a change: what cannot be any more is emptied, and where only one way is left it is taken. */
export function settled(roads: readonly Road[], draft: Draft): Draft {
  const from = kept(draft.from, choicesOf(roads, { ...draft, from: "", to: "" }).from);
  const to = kept(draft.to, choicesOf(roads, { ...draft, from, to: "" }).to);
  const network = kept(draft.network, choicesOf(roads, { ...draft, from, to }).networks);
  return { ...draft, from, to, network };
}

export const roadOf = (roads: readonly Road[], { asset, from, to, network }: Draft): Road | undefined => (
  roads.find(({ sending, taking }) => sending.asset === asset && sending.network === network && sending.location === from && taking.location === to)
);

/** Where it would go: the approved address. */
export const placeOf = (places: readonly Place[], { asset, to, network }: Draft): Place | undefined => (
  places.find((one) => one.state === "active" && one.asset === asset && one.location === to && one.network === network)
);

/** What was typed as an amount; null while it is none above zero. */
export const amountOf = (typed: string): Decimal | null => (isDecimal(typed) && sign(canonical(typed)) > 0 ? canonical(typed) : null);

export const belowMinimum = (amount: Decimal, { minimum }: Pick<Rail, "minimum">): boolean => lessThan(amount, minimum);

/** What leaves so that the amount arrives. */
export const leavesOf = (amount: Decimal, { fee }: Pick<Rail, "fee">): Decimal => add(amount, fee);

export const draftOf = (proposal: Proposal): Draft => ({ ...proposal, proposal });

/** With the proposal only where it is still the one that was proposed. */
export function wishOf({ asset, from, to, network, proposal }: Draft, amount: Decimal): Wish {
  const same = proposal !== null && proposal.asset === asset && proposal.from === from && proposal.to === to && proposal.network === network;
  return { asset, from, to, network, amount, ...(same ? { proposal_id: proposal.id } : {}) };
}

export interface Step {
  name: "asked" | "agreed" | "left" | "arrived" | "ended";
  at: string;
}

/** The moments of its way, as far as it came. Where it arrived, that is its end. */
export function stepsOf(one: Transfer): Step[] {
  const ended = one.arrived_at === null ? one.ended_at : null;
  const moments = [["asked", one.created_at], ["agreed", one.approved_at], ["left", one.left_at], ["arrived", one.arrived_at], ["ended", ended]] as const;
  return moments.flatMap(([name, at]) => (at === null ? [] : [{ name, at }]));
}

/** What settling books: what is missing at the destination is a loss of the house, what is there beyond it a gain. */
export interface Outcome {
  kind: "loss" | "gain" | "even";
  sum: Decimal;
}

export function outcomeOf(left: Decimal, received: Decimal): Outcome {
  const missing = sub(left, received);
  return { kind: ({ 1: "loss", 0: "even", "-1": "gain" } as const)[sign(missing)], sum: abs(missing) };
}

/** What was typed as being at the destination, where nothing at all may be; null while it is no such amount. */
export const receivedOf = (typed: string): Decimal | null => (isDecimal(typed) && sign(canonical(typed)) >= 0 ? canonical(typed) : null);

/** Less than what is booked there already. */
export const belowArrived = (received: Decimal, { arrived }: Pick<Transfer, "arrived">): boolean => arrived !== null && lessThan(received, arrived);
