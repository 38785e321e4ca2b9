// How long ago something was, in the reader's words; every age on the screen follows one tick a second.

import { useSyncExternalStore, type ReactNode } from "react";
import type { Language } from "@/money/format";
import { useSettings } from "@/settings/settings";
import { secondsSince } from "@/time/format";

const watchers = new Set<() => void>();
let now = Date.now();
let timer: ReturnType<typeof setInterval> | null = null;

function watch(told: () => void): () => void {
  watchers.add(told);
  if (timer === null) now = Date.now(); // nobody has looked for a while
  timer ??= setInterval(() => {
    now = Date.now();
    for (const watcher of watchers) watcher();
  }, 1000);
  return () => {
    watchers.delete(told);
    if (watchers.size > 0 || timer === null) return;
    clearInterval(timer);
    timer = null;
  };
}

/** Wall time, looked at once a second. */
export function useNow(): number {
  return useSyncExternalStore(watch, () => now);
}

const UNITS = [["day", 86_400], ["hour", 3600], ["minute", 60], ["second", 1]] as const;

/** "12 sec", "3 min", "2 hr": the largest unit that fits twice, so that little is lost. */
export function formatDuration(seconds: number, language: Language): string {
  const [unit, size] = UNITS.find(([, length]) => seconds >= length * 2) ?? UNITS[3];
  const options = { style: "unit", unit, unitDisplay: "short" } as const;
  return new Intl.NumberFormat(language === "zh" ? "zh-CN" : "en-US", options).format(Math.floor(seconds / size));
}

/** The age of a moment of wall time. */
export function Age({ at }: { at: string | null | undefined }): ReactNode {
  const { settings } = useSettings();
  const present = useNow();
  if (at === null || at === undefined) return <span className="dim">–</span>;
  return <time dateTime={at} title={at} className="number">{formatDuration(secondsSince(at, present), settings.language)}</time>;
}
