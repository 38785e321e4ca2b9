// The figures that matter most in a room: a name above, the number, a remark below.

import type { ReactNode } from "react";
import { mul, type Decimal } from "@/money/decimal";
import { formatExact } from "@/money/format";
import { useSettings } from "@/settings/settings";
import "./figures.css";

export function Figures({ children }: { children: ReactNode }): ReactNode {
  return <dl className="figures">{children}</dl>;
}

export function Figure({ name, children, note }: { name: string; children: ReactNode; note?: ReactNode }): ReactNode {
  return (
    <div className="figure">
      <dt>{name}</dt>
      <dd>{children}</dd>
      {note !== undefined && <dd className="dim figure-note">{note}</dd>}
    </div>
  );
}

/** A share in percent with every digit that it has. */
export function ExactPercent({ share }: { share: Decimal }): ReactNode {
  const { settings } = useSettings();
  return <span className="number">{formatExact(mul(share, "100"), settings.language)} %</span>;
}
