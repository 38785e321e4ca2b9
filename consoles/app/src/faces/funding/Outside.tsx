import type { ReactNode } from "react";

/** A way to another site, which does not learn where one came from. */
export function Outside({ to, children }: { to: string; children: ReactNode }): ReactNode {
  return <a href={to} target="_blank" rel="noreferrer noopener">{children} ↗</a>;
}
