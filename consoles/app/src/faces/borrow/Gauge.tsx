// Where the debt stands between nothing and the collateral's worth, with the lines that matter on the way. The list below says it in words.

import type { ReactNode } from "react";
import { mul, smaller, type Decimal } from "@/money/decimal";
import { useWords } from "./words";

export interface GaugeLine {
  key: "pledge" | "warning" | "displayed";
  /** Debt over value. */
  at: Decimal | null;
  /** What brings it there, in words. */
  words: string | null;
}

const place = (share: Decimal): string => `${smaller(mul(share, "100"), "100")}%`;

export function Gauge({ ltv, lines }: { ltv: Decimal | null; lines: readonly GaugeLine[] }): ReactNode {
  const { t, percent } = useWords();
  const now = ltv === null ? "–" : percent(ltv);
  return (
    <div className="borrow-gauge">
      <p><span className="dim">{t("gauge.now")}</span> <strong className="borrow-big number">{now}</strong></p>
      <div className="borrow-track" role="img" aria-label={t("gauge.label", { now })}>
        {ltv !== null && <i className="borrow-fill" style={{ width: place(ltv) }} />}
        {lines.map(({ key, at }) => at !== null && <i key={key} className={`borrow-line ${key}`} style={{ insetInlineStart: place(at) }} />)}
      </div>
      <div className="borrow-scale dim number" aria-hidden="true"><span>0 %</span><span>50 %</span><span>100 %</span></div>
      <dl className="borrow-lines">
        {lines.map(({ key, at, words }) => at !== null && (
          <div key={key}>
            <dt><i className={`borrow-key ${key}`} />{t(`gauge.${key}`)}</dt>
            <dd><span className="number">{percent(at)}</span>{words !== null && <span className="dim"> · {words}</span>}</dd>
          </div>
        ))}
      </dl>
    </div>
  );
}
