// What was typed and not saved yet stays on the device, for the person who typed it: leaving the page, or a browser that ends, loses nothing.

import { useState } from "react";
import { useSession } from "@/session/session";
import { same } from "../terms";
import type { Draft } from "./draft";

interface Kept {
  /** What it was made from, to see whether that has changed since. */
  base: Draft;
  draft: Draft;
}

export interface Typing {
  draft: Draft;
  set: (draft: Draft) => void;
  /** Something was typed that the server does not have. */
  dirty: boolean;
  /** It was typed before, on an earlier visit. */
  recovered: boolean;
  /** What it began with has changed on the server since. */
  stale: boolean;
  /** Back to what is saved. */
  discard: () => void;
  /** The server has this now. */
  saved: (draft: Draft) => void;
}

/** Only what has all parts of a draft is one: an older page of ours may have kept it. */
export function keptFrom(text: string | null, start: Draft): Kept | null {
  try {
    const kept = JSON.parse(text ?? "null") as Partial<Kept> | null;
    if (kept?.draft === undefined || kept.base === undefined) return null;
    const shape = (draft: Draft): string => JSON.stringify([Object.keys(draft).toSorted(), Object.keys(draft.terms).toSorted()]);
    return shape(kept.draft) === shape(start) && shape(kept.base) === shape(start) ? { draft: kept.draft, base: kept.base } : null;
  } catch {
    return null;
  }
}

/** `start`: what the server has. */
export function useTyping(name: string, start: Draft): Typing {
  const { me } = useSession();
  const key = `rivermouth.earn.${me?.id ?? ""}.${name}`;
  const [found] = useState(() => keptFrom(localStorage.getItem(key), start));
  const [base, setBase] = useState(start);
  const [draft, setDraft] = useState(found?.draft ?? start);
  const [recovered, setRecovered] = useState(found !== null && !same(found.draft, start));
  const keep = (next: Draft): void => {
    setDraft(next);
    if (same(next, base)) localStorage.removeItem(key);
    else localStorage.setItem(key, JSON.stringify({ base, draft: next } satisfies Kept));
  };
  const settle = (next: Draft): void => {
    localStorage.removeItem(key);
    setBase(next);
    setDraft(next);
    setRecovered(false);
  };
  return {
    draft, set: keep, dirty: !same(draft, base), recovered, stale: recovered && found !== null && !same(found.base, start),
    discard: () => { settle(base); }, saved: settle,
  };
}
