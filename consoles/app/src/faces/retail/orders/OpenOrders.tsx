import type { ReactNode } from "react";

export function OpenOrders({ symbol }: { symbol?: string }): ReactNode {
  return symbol === undefined ? null : <p className="dim">{symbol}</p>;
}
