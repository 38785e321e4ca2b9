import { useQuery, type UseQueryResult } from "@tanstack/react-query";
import { api, ask, type Schemas } from "@/api/client";

export const INTERVALS = ["1m", "5m", "15m", "1h", "4h", "1d", "1w"] as const;
export type Interval = (typeof INTERVALS)[number];
export type Candle = Schemas["CandleOut"];

const MOST = 1000;

/** The past; what follows comes by the channel of the candles. Kept as it is while it is shown. */
export function useCandles(symbol: string, interval: Interval, refetchInterval: number | false = false): UseQueryResult<Candle[]> {
  return useQuery({
    queryKey: ["candles", symbol, interval],
    staleTime: 0,
    refetchInterval,
    refetchOnWindowFocus: refetchInterval !== false,
    queryFn: async () => (await ask(api.GET("/v1/markets/{symbol}/candles", { params: { path: { symbol }, query: { interval, limit: MOST } } }))).items,
  });
}
