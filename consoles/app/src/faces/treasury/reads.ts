// What treasury's rooms read, and how often: nothing here is pushed, so it is asked for again while the room is open.

import { useQuery, type UseQueryResult } from "@tanstack/react-query";
import { api, ask, type Schemas } from "@/api/client";

const LIVE_MS = 3_000;
const CALM_MS = 15_000;

export type VenueBalance = Schemas["VenueBalanceOut"];
export type Alert = Schemas["AlertOut"];
export type Balance = Schemas["TreasuryBalanceOut"];
export type Line = Schemas["TreasuryLineOut"];
export type Sample = Schemas["SampleOut"];
export type DayReport = Schemas["TreasuryDayOut"];
export type Exposure = Schemas["ExposureOut"];
export type VenueFees = Schemas["VenueFeesPage"];
export type Controls = Schemas["ControlsOut"];
export type Waiting = Schemas["WaitingOut"];

export function useVenueBalances(): UseQueryResult<VenueBalance[]> {
  return useQuery({
    queryKey: ["treasury", "venue-balances"], refetchInterval: LIVE_MS,
    queryFn: async () => (await ask(api.GET("/v1/treasury/venue-balances"))).items,
  });
}

export function useBalances(): UseQueryResult<Balance[]> {
  return useQuery({
    queryKey: ["treasury", "balances"], refetchInterval: LIVE_MS,
    queryFn: async () => (await ask(api.GET("/v1/treasury/balances"))).items,
  });
}

export function useLines(): UseQueryResult<Line[]> {
  return useQuery({ queryKey: ["treasury", "lines"], queryFn: async () => (await ask(api.GET("/v1/treasury/lines"))).items });
}

const DAY_MS = 86_400_000;
export const SPANS = { day: DAY_MS, week: 7 * DAY_MS, quarter: 90 * DAY_MS } as const;
export type Span = keyof typeof SPANS;

/** The API's own now is the end: a sandbox's clock may be ahead of ours. */
export function useHistory(location: string, asset: string, span: Span): UseQueryResult<Sample[]> {
  return useQuery({
    queryKey: ["treasury", "history", location, asset, span], refetchInterval: CALM_MS,
    queryFn: async () => {
      const { at } = await ask(api.GET("/v1/treasury/balances"));
      const from = new Date(Date.parse(at) - SPANS[span]).toISOString();
      return (await ask(api.GET("/v1/treasury/history", { params: { query: { location, asset, from, to: at } } }))).items;
    },
  });
}

/** Without a day: yesterday's. */
export function useDayReport(day: string): UseQueryResult<DayReport> {
  return useQuery({
    queryKey: ["treasury", "report", day],
    queryFn: () => ask(api.GET("/v1/treasury/report", { params: { query: day === "" ? {} : { day } } })),
  });
}

export function useAlerts(): UseQueryResult<Alert[]> {
  return useQuery({
    queryKey: ["treasury", "alerts"], refetchInterval: LIVE_MS,
    queryFn: async () => (await ask(api.GET("/v1/treasury/alerts"))).items,
  });
}

export function useExposure(): UseQueryResult<Exposure> {
  return useQuery({
    queryKey: ["treasury", "exposure"], refetchInterval: LIVE_MS, queryFn: () => ask(api.GET("/v1/treasury/exposure")),
  });
}

export function useVenueFees(): UseQueryResult<VenueFees> {
  return useQuery({
    queryKey: ["treasury", "fees"], refetchInterval: CALM_MS, queryFn: () => ask(api.GET("/v1/treasury/venue-fees")),
  });
}

export function useControls(): UseQueryResult<Controls> {
  return useQuery({ queryKey: ["controls", "live"], refetchInterval: LIVE_MS, queryFn: () => ask(api.GET("/v1/controls")) });
}

export function useWaiting(): UseQueryResult<Waiting[]> {
  return useQuery({
    queryKey: ["controls", "waiting"], refetchInterval: LIVE_MS,
    queryFn: async () => (await ask(api.GET("/v1/venue-orders"))).items,
  });
}

export function useMarkets(): UseQueryResult<Schemas["MarketOut"][]> {
  return useQuery({
    queryKey: ["markets"], staleTime: 60_000, queryFn: async () => (await ask(api.GET("/v1/markets"))).items,
  });
}

export function useVenueHealth(): UseQueryResult<Schemas["VenueHealthPage"]> {
  return useQuery({
    queryKey: ["treasury", "health"], refetchInterval: LIVE_MS, queryFn: () => ask(api.GET("/v1/treasury/venues")),
  });
}
