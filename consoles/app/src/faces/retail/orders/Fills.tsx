import type { ReactNode } from "react";

export function Fills(_props: { symbol?: string }): ReactNode {
  return null;
}
