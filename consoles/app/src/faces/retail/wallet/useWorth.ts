// What each asset is worth in USDT by our composite prices: an estimate, since nobody has offered to trade at them.

import { useQueries } from "@tanstack/react-query";
import { api, ask } from "@/api/client";
import { useMarketList } from "@/faces/retail/markets";
import { mul, type Decimal } from "@/money/decimal";
import type { Balance } from "./balances";

export const CURRENCY = "USDT";
const EVERY_MS = 5000;

/** Worth of a balance; null without a price. */
export function useWorth(): (balance: Balance) => Decimal | null {
  const { data: markets = [] } = useMarketList();
  const direct = markets.filter((market) => market.quote === CURRENCY);
  const quotes = useQueries({
    queries: direct.map(({ symbol }) => ({
      queryKey: ["quotes", symbol],
      queryFn: () => ask(api.GET("/v1/markets/{symbol}/quotes", { params: { path: { symbol } } })),
      refetchInterval: EVERY_MS,
    })),
  });
  const prices = new Map(direct.map((market, at) => [market.base, quotes[at]?.data?.composite.price ?? null]));
  return ({ asset, posted }) => {
    if (asset === CURRENCY) return posted;
    const price = prices.get(asset) ?? null;
    return price === null ? null : mul(posted, price);
  };
}
