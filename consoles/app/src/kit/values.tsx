// Numbers, times and states as they stand in a cell.

import type { ReactNode } from "react";
import { sign, type Decimal } from "@/money/decimal";
import { formatExact, formatPercent, formatPrice, formatSigned } from "@/money/format";
import { useSettings } from "@/settings/settings";
import { formatClock, formatTime } from "@/time/format";

export function Amount({ value, asset, min = 0 }: { value: Decimal | null | undefined; asset?: string; min?: number }): ReactNode {
  const { settings } = useSettings();
  if (value === null || value === undefined) return <span className="dim">–</span>;
  return <span className="number">{formatExact(value, settings.language, min)}{asset === undefined ? "" : ` ${asset}`}</span>;
}

export function Price({ value, tick }: { value: Decimal | null | undefined; tick: Decimal }): ReactNode {
  const { settings } = useSettings();
  if (value === null || value === undefined) return <span className="dim">–</span>;
  return <span className="number">{formatPrice(value, tick, settings.language)}</span>;
}

const ARROWS = { 1: "▲", 0: "", "-1": "▼" } as const;
const CLASSES = { 1: "up", 0: "dim", "-1": "down" } as const;

/** A gain or a loss: sign, arrow and colour, so that none of them has to be seen. */
export function Change({ value, asset, min = 0, max = 30 }: { value: Decimal; asset?: string; min?: number; max?: number }): ReactNode {
  const { settings } = useSettings();
  const way = sign(value);
  return (
    <span className={`number ${CLASSES[way]}`}>
      {formatSigned(value, settings.language, min, max)}{asset === undefined ? "" : ` ${asset}`} <span aria-hidden="true">{ARROWS[way]}</span>
    </span>
  );
}

export function Percent({ share, places = 2 }: { share: Decimal; places?: number }): ReactNode {
  const { settings } = useSettings();
  return <span className="number">{formatPercent(share, settings.language, places)}</span>;
}

export function When({ at, clock = false }: { at: string | null | undefined; clock?: boolean }): ReactNode {
  const { settings } = useSettings();
  if (at === null || at === undefined) return <span className="dim">–</span>;
  return <time dateTime={at} className="number">{clock ? formatClock(at, settings.zone) : formatTime(at, settings.zone)}</time>;
}

export type Tone = "plain" | "good" | "bad" | "warn" | "info";

/** A state in a word; the mark says it a second time, for those who do not see the colour. */
export function Pill({ tone = "plain", children }: { tone?: Tone; children: ReactNode }): ReactNode {
  const marks = { plain: "", good: "✓", bad: "✕", warn: "!", info: "•" } as const;
  return <span className={`pill ${tone}`}>{marks[tone] !== "" && <span aria-hidden="true">{marks[tone]}</span>}{children}</span>;
}

/** Ids are long: the end that differs, the whole on hover and in the clipboard by selecting. */
export function Id({ value }: { value: string }): ReactNode {
  return <code title={value}>…{value.slice(-8)}</code>;
}

export function Facts({ rows }: { rows: readonly (readonly [string, ReactNode])[] }): ReactNode {
  return (
    <dl className="facts">
      {rows.map(([name, value]) => [<dt key={`${name}.t`}>{name}</dt>, <dd key={`${name}.d`}>{value}</dd>])}
    </dl>
  );
}
