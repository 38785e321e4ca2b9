// What the rooms of the loan book read. Prices move, so the book is read again while it is open.

import { useQuery, type UseQueryResult } from "@tanstack/react-query";
import { api, ask, type Schemas } from "@/api/client";

export type Book = Schemas["LoanBookOut"];
export type Stress = Schemas["StressOut"];

const EVERY_MS = 5_000;

export function useBook(): UseQueryResult<Book> {
  return useQuery({ queryKey: ["lending", "book"], refetchInterval: EVERY_MS, queryFn: () => ask(api.GET("/v1/lending/book")) });
}

export type SpreadDay = Schemas["SpreadOut"];
const SLOW_MS = 60_000;

/** What each product earned and cost on each of the last days; days are booked once a day. */
export function useSpread(days: number): UseQueryResult<SpreadDay[]> {
  return useQuery({
    queryKey: ["lending", "spread", days], refetchInterval: SLOW_MS,
    queryFn: async () => (await ask(api.GET("/v1/lending/spread", { params: { query: { days } } }))).items,
  });
}
