// What one version of a product promises, as a list of named values: for reading it, for comparing two, for a second person's eyes.

import type { Schemas } from "@/api/client";

export type Template = Schemas["EarnTemplateOut"];
export type Terms = Template["terms"];
export type Tier = Schemas["EarnTier"];
/** What a version is, and what a second person is asked about. */
export type Promised = Pick<Template, "name" | "asset" | "effective_from" | "terms">;

/** The questions of the editor, in their order, each with the fields that answer it. */
export const STEPS = [
  { id: "what", fields: ["name", "asset", "tiers", "tenor", "payout", "day_count"] },
  { id: "when", fields: ["zone", "opens", "closes", "lag_days", "holidays"] },
  { id: "size", fields: ["daily_quota", "minimum", "step", "customer_cap", "customer_day_cap"] },
  { id: "end", fields: ["early", "penal_rate", "renewals", "move_to"] },
  { id: "check", fields: ["effective_from"] },
] as const;
export type StepId = (typeof STEPS)[number]["id"];
export type Field = (typeof STEPS)[number]["fields"][number];
export const FIELDS: readonly Field[] = STEPS.flatMap((step) => [...step.fields]);

const OUTSIDE = new Set(["name", "asset", "effective_from"]);

export function valueOf(promise: Promised, field: string): unknown {
  const place = (OUTSIDE.has(field) ? promise : promise.terms) as unknown as Record<string, unknown>;
  return place[field] ?? null;
}

/** Terms that this console has no words for yet: they are shown as they are written, never left out. */
export function unknownFields(...promises: readonly Promised[]): string[] {
  const known = new Set<string>(FIELDS);
  return [...new Set(promises.flatMap(({ terms }) => Object.keys(terms)))].filter((field) => !known.has(field));
}

const sorted = (_: string, value: unknown): unknown => (typeof value === "object" && value !== null && !Array.isArray(value)
  ? Object.fromEntries(Object.entries(value).toSorted(([a], [b]) => a.localeCompare(b))) : value);
/** Whether two values say the same: the order in which an object's parts are written says nothing. */
export const same = (a: unknown, b: unknown): boolean => JSON.stringify(a, sorted) === JSON.stringify(b, sorted);

/** The fields in which two versions differ, in the order of the editor. */
export function differences(before: Promised, after: Promised): string[] {
  return [...FIELDS, ...unknownFields(before, after)]
    .filter((field) => !same(valueOf(before, field), valueOf(after, field)));
}

/** The version that customers are offered before a given one: what an edit is compared with. */
export function before(version: number, versions: readonly Template[]): Template | undefined {
  return versions.find((one) => one.version < version && one.status === "published")
    ?? versions.find((one) => one.version < version && one.published_at !== null);
}

const TENOR = /^(\d+)([DWMY])$/;

export interface Tenor {
  count: string;
  unit: string;
}

export function tenorOf(text: string): Tenor {
  const [, count = "", unit = "D"] = TENOR.exec(text) ?? [];
  return { count, unit };
}
