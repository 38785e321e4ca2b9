// Lists come page by page: one query holds the pages read so far, a button reads the next one.

import { useInfiniteQuery, type UseQueryResult } from "@tanstack/react-query";
import type { ReactNode } from "react";
import { useTranslation } from "react-i18next";
import { Button } from "@/kit/Button";
import { Loaded } from "@/kit/states";
import { MoreRows } from "@/kit/Table";

interface Page<T> {
  items: T[];
  next_cursor?: string | null;
}

export interface Pages<T> {
  query: UseQueryResult<T[]>;
  hasMore: boolean;
  loadingMore: boolean;
  more: () => void;
}

/** `every` says how soon to look again, from what is known: seconds while a job is at work, never when all is done. */
export function usePages<T>(
  key: readonly unknown[], load: (cursor: string | null) => Promise<Page<T>>, every?: (items: readonly T[]) => number | false,
): Pages<T> {
  const query = useInfiniteQuery({
    queryKey: key,
    queryFn: ({ pageParam }) => load(pageParam),
    initialPageParam: null as string | null,
    getNextPageParam: (page) => page.next_cursor ?? null,
    select: (data) => data.pages.flatMap((page) => page.items),
    refetchInterval: ({ state }) => every?.(state.data?.pages.flatMap((page) => page.items) ?? []) ?? false,
  });
  return {
    query,
    hasMore: query.hasNextPage,
    loadingMore: query.isFetchingNextPage,
    more: () => void query.fetchNextPage(),
  };
}

interface ListedProps<T> {
  pages: Pages<T>;
  empty: ReactNode;
  children: (rows: T[]) => ReactNode;
}

export function Listed<T>({ pages, empty, children }: ListedProps<T>): ReactNode {
  const { t } = useTranslation();
  return (
    <Loaded query={pages.query} empty={empty}>
      {(rows) => (
        <div className="stack">
          <MoreRows value={pages.hasMore}>{children(rows)}</MoreRows>
          {pages.hasMore && <div><Button busy={pages.loadingMore} onPress={pages.more}>{t("action.more")}</Button></div>}
        </div>
      )}
    </Loaded>
  );
}
