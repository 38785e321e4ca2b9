import type { ReactNode } from "react";

export function OrderHistory(_props: { symbol?: string }): ReactNode {
  return null;
}
