import type { ReactNode } from "react";

export function Fills({ symbol }: { symbol?: string }): ReactNode {
  return symbol === undefined ? null : <p className="dim">{symbol}</p>;
}
