import type { ReactNode } from "react";

export function OrderHistory({ symbol }: { symbol?: string }): ReactNode {
  return symbol === undefined ? null : <p className="dim">{symbol}</p>;
}
