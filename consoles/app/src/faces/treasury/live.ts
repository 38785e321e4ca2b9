// Nothing of treasury is pushed: what stands on the page is asked for again while it is looked at, lists page by page.

import { useQuery, type UseInfiniteQueryResult, type UseQueryResult } from "@tanstack/react-query";
import { usePages, type Page } from "@/faces/retail/pages";

export const LIVE_MS = 3_000;
export const CALM_MS = 15_000;

const A_PAGE = 50;

/** What a list is asked for besides its filters. */
export interface Part {
  limit: number;
  cursor?: string;
}

export function useLive<T>(key: readonly unknown[], read: () => Promise<T>, every = LIVE_MS): UseQueryResult<T> {
  return useQuery({ queryKey: key, refetchInterval: every, queryFn: read });
}

export function useLivePages<T>(key: readonly unknown[], read: (part: Part) => Promise<Page<T>>, every = LIVE_MS): UseInfiniteQueryResult<T[]> {
  return usePages<T>(key, (cursor) => read({ limit: A_PAGE, ...(cursor === null ? {} : { cursor }) }), every);
}
