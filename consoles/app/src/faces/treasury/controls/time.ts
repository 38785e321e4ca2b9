// Periods of controls are in business time, which a sandbox may have advanced; it is asked for when a period is set.

import { api, ask } from "@/api/client";

const MINUTE_MS = 60_000;

/** Lengths that people choose from, in minutes. */
export const LENGTHS = ["15", "60", "240", "1440"] as const;
export type Length = (typeof LENGTHS)[number];
const MINUTES: Record<Length, number> = { "15": 15, "60": 60, "240": 240, "1440": 1440 };

export async function businessNow(): Promise<number> {
  const { end } = await ask(api.GET("/v1/revenue", { params: { query: { by: "venue", limit: 1 } } }));
  return Date.parse(end);
}

export function after(now: number, ...lengths: Length[]): string {
  return new Date(lengths.reduce((sum, length) => sum + MINUTES[length] * MINUTE_MS, now)).toISOString();
}
