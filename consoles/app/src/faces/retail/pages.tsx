// Cursor pages of the API as one growing list: the newest page first, further ones by a button.

import { useInfiniteQuery, type InfiniteData, type UseInfiniteQueryResult } from "@tanstack/react-query";
import type { ReactNode } from "react";
import { useTranslation } from "react-i18next";
import { Button } from "@/kit/Button";
import { Failed, Skeleton } from "@/kit/states";

export interface Page<T> {
  items: T[];
  next_cursor?: string | null;
}

type Every = number | false;

/** `every`: read again by itself after so many milliseconds; it may follow from the rows. */
export function usePages<T>(
  key: readonly unknown[], read: (cursor: string | null) => Promise<Page<T>>, every: Every | ((rows: readonly T[]) => Every) = false,
): UseInfiniteQueryResult<T[]> {
  return useInfiniteQuery({
    queryKey: key,
    refetchInterval: typeof every !== "function" ? every : ({ state }) => every(state.data?.pages.flatMap((page) => page.items) ?? []),
    queryFn: ({ pageParam }) => read(pageParam),
    initialPageParam: null as string | null,
    getNextPageParam: (last: Page<T>) => last.next_cursor ?? null,
    select: (data: InfiniteData<Page<T>, string | null>) => data.pages.flatMap((page) => page.items),
  });
}

interface PagedProps<T> {
  query: UseInfiniteQueryResult<T[]>;
  empty: ReactNode;
  children: (rows: T[]) => ReactNode;
}

export function Paged<T>({ query, empty, children }: PagedProps<T>): ReactNode {
  const { t } = useTranslation();
  if (query.data === undefined) {
    return query.isError ? <Failed error={query.error} retry={() => void query.refetch()} /> : <Skeleton lines={6} />;
  }
  return (
    <div className="stack">
      {query.isError && <Failed error={query.error} retry={() => void query.refetch()} />}
      {query.data.length === 0 ? empty : children(query.data)}
      {query.hasNextPage && (
        <div><Button busy={query.isFetchingNextPage} onPress={() => void query.fetchNextPage()}>{t("action.more")}</Button></div>
      )}
    </div>
  );
}
