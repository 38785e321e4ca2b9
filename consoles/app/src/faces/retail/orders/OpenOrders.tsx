import type { ReactNode } from "react";

export function OpenOrders(_props: { symbol?: string }): ReactNode {
  return null;
}
