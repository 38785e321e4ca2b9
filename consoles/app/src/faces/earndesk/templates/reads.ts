// What the editor asks the server, and what it answers to a product that is typed wrong.

import { keepPreviousData, useQuery, type UseQueryResult } from "@tanstack/react-query";
import { useEffect, useState } from "react";
import { api, ask, type Schemas } from "@/api/client";
import { once } from "@/api/intent";
import { Refusal } from "@/api/problem";
import type { Template } from "../terms";
import type { Body, Fault } from "./draft";

export type Preview = Schemas["PreviewOut"];
const PAUSE_MS = 350;

/** Everything that is wrong with a refused body, by field; null where the refusal is about something else. */
export function faultsOf(error: unknown): readonly Fault[] | null {
  if (!(error instanceof Refusal) || error.problem.errors === undefined || error.problem.errors.length === 0) return null;
  return error.problem.errors.map(({ field, ...rest }) => ({ ...rest, field: field.replace(/^body\./, "") }));
}

/** Where it is kept: as a new product, as a draft's new content, or as the next version. */
export type Target = { kind: "new" } | { kind: "draft" | "next"; id: string };

export function keep(body: Body, target: Target): Promise<Template> {
  if (target.kind === "draft") return ask(api.PUT("/v1/earn/templates/{id}", { params: { path: { id: target.id } }, body }));
  const wish = target.kind === "next" ? { ...body, template_id: target.id } : body;
  return once("draft an earn template", wish, (header) => ask(api.POST("/v1/earn/templates", { params: { header }, body: wish })));
}

/** The plan of one subscription under the newest version; `saved` names what the server has of it, so that a new one is asked for again. */
export function usePreview(id: string, saved: string, principal: string, date: string): UseQueryResult<Preview> {
  const wish = usePaused(JSON.stringify({ principal, date }));
  return useQuery({
    queryKey: ["earn", "preview", id, saved, wish], placeholderData: keepPreviousData, retry: false, enabled: principal !== "" && date !== "",
    queryFn: () => ask(api.POST("/v1/earn/templates/{id}/preview", { params: { path: { id } }, body: JSON.parse(wish) as Schemas["PreviewIn"] })),
  });
}

/** What was typed, once the typing pauses. */
function usePaused(value: string): string {
  const [settled, setSettled] = useState(value);
  useEffect(() => {
    const timer = setTimeout(() => { setSettled(value); }, PAUSE_MS);
    return () => { clearTimeout(timer); };
  }, [value]);
  return settled;
}
