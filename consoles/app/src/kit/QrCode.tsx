import type { ReactNode } from "react";
import "./qr.css";

const MARGIN = 4; // modules; less than that and scanners miss it

/** Rows of 0 and 1, drawn as one path. */
export function QrCode({ rows, label }: { rows: readonly string[]; label: string }): ReactNode {
  const size = rows.length + 2 * MARGIN;
  const path = rows.flatMap((row, y) => Array.from(row, (cell, x) => (cell === "1" ? `M${String(x + MARGIN)} ${String(y + MARGIN)}h1v1h-1z` : ""))).join("");
  return (
    <svg className="qr" role="img" aria-label={label} viewBox={`0 0 ${String(size)} ${String(size)}`} shapeRendering="crispEdges">
      <path d={path} fill="#000" />
    </svg>
  );
}
