// Starred markets are kept on this device.

import { useState } from "react";

const KEY = "rivermouth.stars";

function stored(): ReadonlySet<string> {
  try {
    return new Set(JSON.parse(localStorage.getItem(KEY) ?? "[]") as string[]);
  } catch {
    return new Set();
  }
}

export function useStars(): { stars: ReadonlySet<string>; toggle: (symbol: string) => void } {
  const [stars, setStars] = useState(stored);
  const toggle = (symbol: string): void => {
    const after = new Set(stars);
    if (!after.delete(symbol)) after.add(symbol);
    localStorage.setItem(KEY, JSON.stringify([...after]));
    setStars(after);
  };
  return { stars, toggle };
}
