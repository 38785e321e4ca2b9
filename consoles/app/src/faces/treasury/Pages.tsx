// A list that comes in pages: what is there so far, and a button for more.

import type { InfiniteData, UseInfiniteQueryResult } from "@tanstack/react-query";
import type { ReactNode } from "react";
import { useTranslation } from "react-i18next";
import { Button } from "@/kit/Button";
import { Failed, Skeleton } from "@/kit/states";
import { MoreRows } from "@/kit/Table";

interface Props<T> {
  query: UseInfiniteQueryResult<InfiniteData<{ items: T[] }>>;
  empty: ReactNode;
  children: (items: T[]) => ReactNode;
}

export function Pages<T>({ query, empty, children }: Props<T>): ReactNode {
  const { t } = useTranslation();
  if (query.data === undefined) {
    return query.isError ? <Failed error={query.error} retry={() => void query.refetch()} /> : <Skeleton />;
  }
  const items = query.data.pages.flatMap((page) => page.items);
  return (
    <div className="stack">
      <MoreRows value={query.hasNextPage}>{items.length === 0 ? empty : children(items)}</MoreRows>
      {query.isError && <Failed error={query.error} retry={() => void query.refetch()} />}
      {query.hasNextPage && <div><Button busy={query.isFetchingNextPage} onPress={() => void query.fetchNextPage()}>{t("action.more")}</Button></div>}
    </div>
  );
}
