// A state channel, looked at twice a second: for what a person reads and compares rather than watches. The ticket would else be drawn anew with every tick.

import { useEffect, useRef, useState } from "react";
import type { Schemas } from "@/api/client";
import { useMessages } from "@/feed/hooks";

interface States {
  quotes: Schemas["QuotesOut"];
  book: Schemas["BookOut"];
}

const LOOK_MS = 500;

export function useSampled<C extends keyof States>(kind: C, symbol: string): States[C] | null {
  const newest = useRef<States[C] | null>(null);
  const [shown, setShown] = useState<States[C] | null>(null);
  useMessages(`${kind}:${symbol}`, ({ data }) => {
    newest.current = data as States[C];
    setShown((before) => before ?? newest.current);
  });
  useEffect(() => {
    const timer = setInterval(() => { setShown(newest.current); }, LOOK_MS);
    return () => { clearInterval(timer); };
  }, []);
  return shown;
}
