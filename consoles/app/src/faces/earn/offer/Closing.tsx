// How long a sale stays open, or until it opens: by the house's time, which need not be the reader's.

import type { ReactNode } from "react";
import { When } from "@/kit/values";
import { useHouseNow } from "../clock";
import { leftUntil, phaseOf } from "../model";
import type { Offer } from "../reads";
import { useWords } from "../words";

export function Closing({ offer, next }: { offer: Offer; next?: Offer | undefined }): ReactNode {
  const { t } = useWords();
  const now = useHouseNow(offer);
  const phase = phaseOf(offer, now);
  if (phase === "planned") return <Until say="closing.opens" moment={offer.opens_at} now={now} />;
  if (phase === "on_sale") return <Until say="closing.closes" moment={offer.closes_at} now={now} />;
  if (next === undefined) return <p className="earn-closing dim">{t(`closing.${phase}`)}</p>;
  return <Until say="closing.next" moment={next.opens_at} now={now} />;
}

function Until({ say, moment, now }: { say: "closing.opens" | "closing.closes" | "closing.next"; moment: string; now: number }): ReactNode {
  const { t, left } = useWords();
  return (
    <p className="earn-closing">
      <span role="timer" className="number">{t(say, { left: left(leftUntil(moment, now)) })}</span> <span className="dim"><When at={moment} /></span>
    </p>
  );
}
