// Everything the ticket knows at this moment: prices sampled twice a second, what one has, the estimate, the complaints and the risks.

import { useQuery } from "@tanstack/react-query";
import { useMemo } from "react";
import { api, ask, type Schemas } from "@/api/client";
import { canonical, compare, isDecimal, lessThan, mul, sign, type Decimal } from "@/money/decimal";
import { useSettings } from "@/settings/settings";
import { useBalances, useFees, usePortfolio, type Market } from "../data";
import { useSampled } from "../useSampled";
import { complaints, type Complaints, type Surroundings } from "./checks";
import { shows, type Draft } from "./draft";
import { bandEdge, estimate, ladder, type Estimate, type Level } from "./estimate";
import { useObstacle, type Obstacle } from "./obstacle";
import { risksOf, type Risk } from "./risk";

export interface Ticket {
  quotes: Schemas["QuotesOut"] | null;
  around: Surroundings;
  complaints: Complaints;
  obstacle: Obstacle | null;
  estimate: Estimate | null;
  /** The best price now, our markup counted in: what the customer sees and what the API compares with. */
  best: Decimal | null;
  /** Whether (a part of) it would be executed at once. */
  atOnce: boolean;
  risks: Risk[];
}

/** The depth that the order would meet: of all venues, or of the one it names. */
function useDepth(symbol: string, venue: string): Schemas["BookOut"] | null {
  const all = useSampled("book", symbol);
  const { data, isError } = useQuery({
    queryKey: ["book", symbol, venue],
    enabled: venue !== "best",
    refetchInterval: 1000,
    queryFn: () => ask(api.GET("/v1/markets/{symbol}/book", { params: { path: { symbol }, query: { venue } } })),
  });
  return venue === "best" ? all : isError ? null : (data ?? null);
}

export function useTicket(market: Market, draft: Draft): Ticket {
  const quotes = useSampled("quotes", market.symbol);
  const book = useDepth(market.symbol, draft.venue);
  const { data: fees } = useFees();
  const { data: balances } = useBalances();
  const portfolio = usePortfolio(market.quote);
  const obstacle = useObstacle(market, draft, quotes);
  const { zone } = useSettings().settings;
  return useMemo(() => {
    const have = (asset: string): Decimal => balances?.find((balance) => balance.asset === asset)?.available ?? "0";
    const composite = quotes?.composite ?? null;
    const around: Surroundings = {
      market, zone, now: composite?.as_of ?? null, feeRate: fees?.taker ?? "0.001",
      price: composite?.price ?? null, edge: composite === null ? null : bandEdge(composite, draft.side),
      available: balances === undefined ? null : { base: have(market.base), quote: have(market.quote) },
    };
    const levels = book === null ? [] : ladder(book, draft.side, market.markup);
    const wrong = complaints(draft, around);
    const { guess, atOnce } = guessOf(draft, levels, wrong, around);
    const worth = guess?.cost ?? restingWorth(draft, around, wrong);
    const risks = risksOf(draft, {
      price: around.price, portfolio, worth, slippage: atOnce && draft.kind === "market" ? (guess?.slippage ?? null) : null,
      covered: draft.kind !== "market" || guess === null || guess.covered || draft.twap, state: composite?.state ?? null,
    });
    return { quotes, around, complaints: wrong, obstacle, estimate: guess, best: levels[0]?.price ?? null, atOnce, risks };
  }, [market, draft, quotes, book, fees, balances, portfolio, obstacle, zone]);
}

function guessOf(draft: Draft, levels: readonly Level[], wrong: Complaints, around: Surroundings): { guess: Estimate | null; atOnce: boolean } {
  const options = { side: draft.side, fee: around.feeRate, lot: around.market.lot };
  const usable = (text: string): boolean => isDecimal(text) && sign(canonical(text)) > 0;
  const best = levels[0];
  if (draft.kind === "market") {
    if (shows.amount(draft)) return { guess: usable(draft.amount) ? estimate(levels, { amount: canonical(draft.amount) }, options) : null, atOnce: true };
    return { guess: usable(draft.quantity) ? estimate(levels, { quantity: canonical(draft.quantity) }, options) : null, atOnce: true };
  }
  if (draft.kind !== "limit" || wrong.limit !== undefined || best === undefined) return { guess: null, atOnce: false };
  const limit = canonical(draft.limit);
  const reaches = draft.side === "buy" ? compare(limit, best.price) >= 0 : compare(limit, best.price) <= 0;
  if (!reaches || !usable(draft.quantity)) return { guess: null, atOnce: reaches };
  return { guess: estimate(levels, { quantity: canonical(draft.quantity) }, { ...options, limit }), atOnce: true };
}

/** What an order that waits is worth at its own price. */
function restingWorth(draft: Draft, around: Surroundings, wrong: Complaints): Decimal | null {
  if (!isDecimal(draft.quantity) || lessThan(canonical(draft.quantity), "0")) return null;
  const field = shows.limit(draft) ? "limit" : shows.stop(draft) ? "stop" : null;
  const price = field === null || !isDecimal(draft[field]) ? around.price : canonical(draft[field]);
  return price === null || (field !== null && wrong[field]?.key === "number") ? null : mul(canonical(draft.quantity), price);
}
