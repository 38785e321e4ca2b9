// What the rooms of fixed income read.

import { useQuery, type UseQueryResult } from "@tanstack/react-query";
import { api, ask, type Schemas } from "@/api/client";
import type { Template } from "./terms";

export type CalendarDay = Schemas["EarnCalendarDayOut"];
export type Calendar = Schemas["EarnCalendarOut"];

const EVERY_MS = 5_000;
const MOST_PAGES = 20;

/** Every version of every product, the newest version of the newest product first. */
export function useTemplates(): UseQueryResult<Template[]> {
  return useQuery({ queryKey: ["earn", "templates"], refetchInterval: EVERY_MS, queryFn: readTemplates });
}

async function readTemplates(): Promise<Template[]> {
  const found: Template[] = [];
  let cursor: string | null = null;
  for (let page = 0; page < MOST_PAGES; page++) {
    const got: { items: Template[]; next_cursor?: string | null } = await ask(api.GET("/v1/earn/templates", { params: { query: { limit: 200, cursor } } }));
    found.push(...got.items);
    cursor = got.next_cursor ?? null;
    if (cursor === null) break;
  }
  return found;
}

/** Without a month: the one that it is for the server. */
export function useCalendar(month: string | null, template: string | null = null): UseQueryResult<Calendar> {
  return useQuery({
    queryKey: ["earn", "calendar", month, template], refetchInterval: EVERY_MS,
    queryFn: () => ask(api.GET("/v1/earn/calendar", { params: { query: { month, template } } })),
  });
}

/** Names of products by their ids, each by its newest version. */
export function namesOf(templates: readonly Template[]): ReadonlyMap<string, string> {
  return new Map(templates.toReversed().map(({ id, name }) => [id, name]));
}
