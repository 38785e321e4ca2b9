// How far a longer piece of work is.

import { useId, type ReactNode } from "react";

export function Progress({ name, done, total }: { name: string; done: number; total: number | null }): ReactNode {
  const id = useId();
  const percent = total === null || total === 0 ? null : Math.round((done / total) * 100);
  return (
    <div className="stack">
      <p id={id} role="status">{name}</p>
      <div className="progress" role="progressbar" aria-labelledby={id} aria-valuemin={0} aria-valuemax={100} aria-valuenow={percent ?? undefined}>
        <div style={{ width: `${String(percent ?? 50)}%` }} />
      </div>
    </div>
  );
}
