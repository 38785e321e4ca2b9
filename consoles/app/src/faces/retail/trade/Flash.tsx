// A price that has just changed: an arrow says the way and stays, a background says "now" and fades. Colour is the third to say it.

import { memo, useState, type ReactNode } from "react";
import { compare, type Decimal } from "@/money/decimal";
import { formatPrice } from "@/money/format";
import { useSettings } from "@/settings/settings";

const ARROWS = { 1: "▲", 0: "", "-1": "▼" } as const;
const WAYS = { 1: "rise", 0: "", "-1": "fall" } as const;

export const Flash = memo(function Flash({ value, tick }: { value: Decimal | null; tick: Decimal }): ReactNode {
  const { language } = useSettings().settings;
  const [seen, setSeen] = useState<{ value: Decimal | null; way: -1 | 0 | 1; turn: number }>({ value, way: 0, turn: 0 });
  if (seen.value !== value) {
    const way = value === null || seen.value === null ? 0 : compare(value, seen.value);
    setSeen({ value, way: way === 0 ? seen.way : way, turn: seen.turn + 1 });
  }
  if (value === null) return <span className="dim">–</span>;
  return (
    <span className="number retail-price">
      <span key={seen.turn} className={`retail-flash ${seen.turn === 0 ? "" : WAYS[seen.way]}`}>{formatPrice(value, tick, language)}</span>
      <span className={`retail-arrow ${WAYS[seen.way]}`} aria-hidden="true">{ARROWS[seen.way]}</span>
    </span>
  );
});
