// What treasury's rooms read.

import { useQuery, type UseQueryResult } from "@tanstack/react-query";
import { api, ask, type Schemas } from "@/api/client";
import { CALM_MS, useLive } from "./live";

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
  return useLive(["treasury", "venue-balances"], async () => (await ask(api.GET("/v1/treasury/venue-balances"))).items);
}

export function useBalances(): UseQueryResult<Balance[]> {
  return useLive(["treasury", "balances"], async () => (await ask(api.GET("/v1/treasury/balances"))).items);
}

export function useLines(): UseQueryResult<Line[]> {
  return useQuery({ queryKey: ["treasury", "lines"], queryFn: async () => (await ask(api.GET("/v1/treasury/lines"))).items });
}

const DAY_MS = 86_400_000;
export const SPANS = { day: DAY_MS, week: 7 * DAY_MS, quarter: 90 * DAY_MS } as const;
export type Span = keyof typeof SPANS;

/** The API's own now is the end: a sandbox's clock may be ahead of ours. */
export function useHistory(location: string, asset: string, span: Span): UseQueryResult<Sample[]> {
  return useLive(["treasury", "history", location, asset, span], async () => {
    const { at } = await ask(api.GET("/v1/treasury/balances"));
    const from = new Date(Date.parse(at) - SPANS[span]).toISOString();
    return (await ask(api.GET("/v1/treasury/history", { params: { query: { location, asset, from, to: at } } }))).items;
  }, CALM_MS);
}

/** Without a day: yesterday's. */
export function useDayReport(day: string): UseQueryResult<DayReport> {
  return useQuery({
    queryKey: ["treasury", "report", day],
    queryFn: () => ask(api.GET("/v1/treasury/report", { params: { query: day === "" ? {} : { day } } })),
  });
}

export function useAlerts(): UseQueryResult<Alert[]> {
  return useLive(["treasury", "alerts"], async () => (await ask(api.GET("/v1/treasury/alerts"))).items);
}

export function useExposure(): UseQueryResult<Exposure> {
  return useLive(["treasury", "exposure"], () => ask(api.GET("/v1/treasury/exposure")));
}

export function useVenueFees(): UseQueryResult<VenueFees> {
  return useLive(["treasury", "fees"], () => ask(api.GET("/v1/treasury/venue-fees")), CALM_MS);
}

export function useControls(): UseQueryResult<Controls> {
  return useLive(["controls", "live"], () => ask(api.GET("/v1/controls")));
}

export function useWaiting(): UseQueryResult<Waiting[]> {
  return useLive(["controls", "waiting"], async () => (await ask(api.GET("/v1/venue-orders"))).items);
}

export function useMarkets(): UseQueryResult<Schemas["MarketOut"][]> {
  return useQuery({
    queryKey: ["markets"], staleTime: 60_000, queryFn: async () => (await ask(api.GET("/v1/markets"))).items,
  });
}

export function useVenueHealth(): UseQueryResult<Schemas["VenueHealthPage"]> {
  return useLive(["treasury", "health"], () => ask(api.GET("/v1/treasury/venues")));
}
