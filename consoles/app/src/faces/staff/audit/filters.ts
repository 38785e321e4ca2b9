// What is looked for stands in the address, so that a finding can be passed on as a link.

import { useSearchParams } from "react-router";
import type { Zone } from "@/time/format";

export const FIELDS = ["actor", "action", "resource", "from", "to"] as const;
export type Field = (typeof FIELDS)[number];
export type Filters = Partial<Record<Field, string>>;

export function useFilters(): [Filters, (filters: Filters) => void] {
  const [params, setParams] = useSearchParams();
  const filters: Filters = {};
  for (const field of FIELDS) {
    const value = params.get(field);
    if (value !== null && value !== "") filters[field] = value;
  }
  const set = (next: Filters): void => {
    setParams(Object.fromEntries(Object.entries(next).filter(([, value]) => value !== "")));
  };
  return [filters, set];
}

/** What the field of the browser holds, in the reader's zone, as a moment; null where it is none. */
export function momentOf(typed: string, zone: Zone): string | null {
  const at = new Date(zone === "utc" ? `${typed}Z` : typed);
  return Number.isNaN(at.getTime()) ? null : at.toISOString();
}

const two = (n: number): string => String(n).padStart(2, "0");

/** The other way round. */
export function typedOf(moment: string | undefined, zone: Zone): string {
  if (moment === undefined) return "";
  const at = new Date(moment);
  if (Number.isNaN(at.getTime())) return "";
  if (zone === "utc") return at.toISOString().slice(0, 16);
  return `${String(at.getFullYear())}-${two(at.getMonth() + 1)}-${two(at.getDate())}T${two(at.getHours())}:${two(at.getMinutes())}`;
}
