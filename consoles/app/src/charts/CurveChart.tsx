// A few lines over one axis, as own SVG. Numbers beside it are texts from the strings, and everything can be read as a table.

import type { ReactNode } from "react";
import { useTranslation } from "react-i18next";
import type { Decimal } from "@/money/decimal";
import { frameOf, heightIn, pathIn, SIZE, type Point } from "./curves";
import "./curves.css";

export interface Curve {
  name: string;
  tone: "accent" | "bad" | "warn" | "info";
  points: readonly Point[];
}

export interface Mark {
  name: string;
  tone: "bad" | "warn" | "info";
  value: Decimal;
}

interface Props {
  label: string;
  curves: readonly Curve[];
  /** Levels that matter, drawn across. */
  marks?: readonly Mark[];
  /** What stands below the left and the right end. */
  ends: readonly [ReactNode, ReactNode];
  /** The same in a table, for who cannot see it. */
  table: ReactNode;
}

export function CurveChart({ label, curves, marks = [], ends, table }: Props): ReactNode {
  const { t } = useTranslation("curves");
  const frame = frameOf(curves.map((curve) => curve.points), marks.map((mark) => mark.value));
  return (
    <figure className="curves">
      <svg viewBox={`0 0 ${SIZE.width} ${SIZE.height}`} preserveAspectRatio="none" role="img" aria-label={label}>
        {marks.map((mark) => (
          <line key={mark.name} className={`mark ${mark.tone}`} x1="0" x2={SIZE.width} y1={heightIn(frame, mark.value)} y2={heightIn(frame, mark.value)} />
        ))}
        {curves.map((curve) => <path key={curve.name} className={curve.tone} d={pathIn(frame, curve.points)} />)}
      </svg>
      <div className="curves-ends dim"><span>{ends[0]}</span><span>{ends[1]}</span></div>
      <figcaption className="row">
        {curves.map((curve) => <span key={curve.name} className="curves-key"><i className={curve.tone} />{curve.name}</span>)}
        {marks.map((mark) => <span key={mark.name} className="curves-key"><i className={`dashed ${mark.tone}`} />{mark.name}</span>)}
      </figcaption>
      <details><summary>{t("table")}</summary>{table}</details>
    </figure>
  );
}
