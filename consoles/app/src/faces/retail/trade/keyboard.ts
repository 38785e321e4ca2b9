// The keys of the trade screen. Letters are off while somebody types; Ctrl+Enter is not a letter, and Escape leaves the field.

import { useEffect, useRef } from "react";

export const KEYS = [
  { id: "search", keys: ["/"] }, { id: "buy", keys: ["B"] }, { id: "sell", keys: ["S"] }, { id: "market", keys: ["M"] }, { id: "limit", keys: ["L"] },
  { id: "quantity", keys: ["Q"] }, { id: "submit", keys: ["Ctrl", "Enter"] }, { id: "leave", keys: ["Esc"] }, { id: "sheet", keys: ["?"] },
] as const;
export type Shortcut = (typeof KEYS)[number]["id"];

const LETTERS: Record<string, Shortcut> = { "/": "search", b: "buy", s: "sell", m: "market", l: "limit", q: "quantity", "?": "sheet" };
const TEXTS = "input:not([type=radio]):not([type=checkbox]):not([type=range]), select, textarea, [contenteditable]";

function shortcutOf(event: KeyboardEvent): Shortcut | null {
  const mod = event.ctrlKey || event.metaKey;
  if (mod && event.key === "Enter") return "submit";
  const typing = event.target instanceof Element && event.target.matches(TEXTS);
  if (typing) return event.key === "Escape" ? "leave" : null;
  return mod || event.altKey ? null : (LETTERS[event.key.length === 1 ? event.key.toLowerCase() : event.key] ?? null);
}

const dialogOpen = (): boolean => document.querySelector("[role=dialog], [role=alertdialog]") !== null;

export function useShortcuts(act: Partial<Record<Shortcut, () => void>>): void {
  const newest = useRef(act);
  useEffect(() => { newest.current = act; });
  useEffect(() => {
    const pressed = (event: KeyboardEvent): void => {
      if (event.defaultPrevented || event.repeat || dialogOpen()) return;
      const shortcut = shortcutOf(event);
      if (shortcut === "leave" && event.target instanceof HTMLElement) event.target.blur();
      const run = shortcut === null ? undefined : newest.current[shortcut];
      if (run === undefined) return;
      event.preventDefault();
      run();
    };
    window.addEventListener("keydown", pressed);
    return () => { window.removeEventListener("keydown", pressed); };
  }, []);
}
