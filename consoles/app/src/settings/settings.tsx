// What a person sets for themselves on this device: language, theme, time zone, colours, confirmations.

import { createContext, use, useEffect, useMemo, useState, type ReactNode } from "react";
import i18n from "@/i18n";
import type { Language } from "@/money/format";
import type { Zone } from "@/time/format";

export interface Settings {
  language: Language;
  theme: "dark" | "light";
  zone: Zone;
  /** Which colour a rise has: green in the west, red in China. Signs and arrows say it besides. */
  rise: "green" | "red";
  confirmOrders: boolean;
}

const KEY = "rivermouth.settings";

function preset(): Settings {
  const chinese = navigator.language.toLowerCase().startsWith("zh");
  return { language: chinese ? "zh" : "en", theme: "dark", zone: "utc", rise: chinese ? "red" : "green", confirmOrders: false };
}

function stored(): Settings {
  try {
    return { ...preset(), ...(JSON.parse(localStorage.getItem(KEY) ?? "{}") as Partial<Settings>) };
  } catch {
    return preset();
  }
}

interface Held {
  settings: Settings;
  change: (part: Partial<Settings>) => void;
}

const Context = createContext<Held | null>(null);

export function SettingsProvider({ children }: { children: ReactNode }): ReactNode {
  const [settings, setSettings] = useState(stored);
  useEffect(() => {
    localStorage.setItem(KEY, JSON.stringify(settings));
    const root = document.documentElement;
    root.dataset.theme = settings.theme;
    root.dataset.rise = settings.rise;
    root.lang = settings.language === "zh" ? "zh-CN" : "en";
    void i18n.changeLanguage(settings.language);
  }, [settings]);
  const held = useMemo(
    () => ({ settings, change: (part: Partial<Settings>) => { setSettings((before) => ({ ...before, ...part })); } }),
    [settings],
  );
  return <Context value={held}>{children}</Context>;
}

export function useSettings(): Held {
  const held = use(Context);
  if (held === null) throw new Error("no SettingsProvider above");
  return held;
}
