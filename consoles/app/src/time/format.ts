// Times come as RFC 3339 in UTC and are shown in UTC or in the reader's zone, as the settings say.

export type Zone = "utc" | "local";

const made = new Map<string, Intl.DateTimeFormat>();

function formatter(zone: Zone, locale: string, withDate: boolean): Intl.DateTimeFormat {
  const key = `${zone}:${locale}:${String(withDate)}`;
  let found = made.get(key);
  if (found === undefined) {
    const date: Intl.DateTimeFormatOptions = { year: "numeric", month: "2-digit", day: "2-digit" };
    found = new Intl.DateTimeFormat(locale, {
      ...(withDate ? date : {}),
      hour: "2-digit",
      minute: "2-digit",
      second: "2-digit",
      hourCycle: "h23",
      ...(zone === "utc" ? { timeZone: "UTC" } : {}),
    });
    made.set(key, found);
  }
  return found;
}

/** "2026-11-21 14:03:07", the same order in every language: it sorts, and nobody mixes up day and month. */
export function formatTime(at: string, zone: Zone): string {
  return formatter(zone, "sv-SE", true).format(new Date(at));
}

export function formatClock(at: string, zone: Zone): string {
  return formatter(zone, "sv-SE", false).format(new Date(at));
}

/** Whole seconds since `at`; never negative, clocks differ. */
export function secondsSince(at: string | number, now: number): number {
  const then = typeof at === "string" ? Date.parse(at) : at;
  return Math.max(0, Math.floor((now - then) / 1000));
}
