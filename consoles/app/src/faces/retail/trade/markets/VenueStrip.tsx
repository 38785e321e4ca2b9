// Each venue's live price side by side: what can be had where, which is the best, how old it is, and what part it has in the composite.

import { memo, type ReactNode } from "react";
import { useTranslation } from "react-i18next";
import type { Schemas } from "@/api/client";
import { useAge, useLatest } from "@/feed/hooks";
import { Skeleton } from "@/kit/states";
import { Percent, Pill, type Tone } from "@/kit/values";
import { ratio, type Decimal } from "@/money/decimal";
import { formatCut } from "@/money/format";
import { useSettings } from "@/settings/settings";
import type { Market } from "../data";
import { Flash } from "../Flash";
import { Venue } from "../venues";

const TONES: Record<Schemas["BookState"], Tone> = { SYNCED: "good", STALE: "warn", DOWN: "bad" };

export const VenueStrip = memo(function VenueStrip({ market }: { market: Market }): ReactNode {
  const { t } = useTranslation("retail");
  const quotes = useLatest("quotes", market.symbol);
  const silent = useAge(`quotes:${market.symbol}`) ?? 0;
  if (quotes === null) return <section className="panel panel-body"><Skeleton lines={2} /></section>;
  const parts = new Map(quotes.composite.constituents.map((part) => [part.venue, part]));
  return (
    <section className="retail-strip" aria-label={t("trade.venues.title")}>
      {quotes.venues.map((quote) => (
        <VenueCard key={quote.venue} quote={quote} part={parts.get(quote.venue)} tick={market.tick} silent={silent}
          buys={quotes.best.buy?.venue === quote.venue} sells={quotes.best.sell?.venue === quote.venue} />
      ))}
    </section>
  );
});

interface CardProps {
  quote: Schemas["VenueQuoteOut"];
  part: Schemas["ConstituentOut"] | undefined;
  tick: Decimal;
  silent: number;
  buys: boolean;
  sells: boolean;
}

function VenueCard({ quote, part, tick, silent, buys, sells }: CardProps): ReactNode {
  const { t } = useTranslation("retail");
  return (
    <article className={`panel retail-card ${quote.state === "SYNCED" ? "" : "old"}`} aria-label={quote.venue}>
      <header>
        <Venue venue={quote.venue} />
        <Pill tone={TONES[quote.state]}>{t(`trade.venues.${quote.state}`)}</Pill>
        <Age ms={quote.age_ms} silent={silent} />
      </header>
      <Side label={t("trade.venues.bid")} price={quote.bid} tick={tick} best={sells} />
      <Side label={t("trade.venues.ask")} price={quote.ask} tick={tick} best={buys} />
      {part !== undefined && <Part part={part} />}
    </article>
  );
}

const Side = memo(function Side({ label, price, tick, best }: { label: string; price: Decimal | null; tick: Decimal; best: boolean }): ReactNode {
  const { t } = useTranslation("retail");
  return (
    <p className="retail-side">
      <span className="dim">{label}</span>
      <Flash value={price} tick={tick} />
      {best && <span className="retail-best" title={t("trade.venues.best_hint")}>★ {t("trade.venues.best")}</span>}
    </p>
  );
});

function Age({ ms, silent }: { ms: number | null; silent: number }): ReactNode {
  const { t } = useTranslation("retail");
  const { language } = useSettings().settings;
  if (ms === null) return <small className="dim">–</small>;
  const whole = ms + (silent > 1 ? silent * 1000 : 0);
  return <small className="dim number">{t("trade.venues.age", { seconds: formatCut(ratio(String(whole), "1000", 1), 1, language) })}</small>;
}

/** Its part in the composite; left out, the reason is said. */
const Part = memo(function Part({ part }: { part: Schemas["ConstituentOut"] }): ReactNode {
  const { t } = useTranslation("retail");
  return (
    <p className="dim retail-part">
      {part.used ? <>{t("trade.venues.weight")} <Percent share={part.weight} places={0} /></> : t("trade.venues.left_out")}
      {part.reason !== null && <> · {t(`trade.reason.${part.reason}`)}</>}
      {part.deviation !== null && <> · Δ <Percent share={part.deviation} places={3} /></>}
    </p>
  );
});
