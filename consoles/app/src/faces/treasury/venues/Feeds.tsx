// A venue's prices, market by market, as they stream in: fresh or not, and whether the composite believes them.

import type { ReactNode } from "react";
import { useTranslation } from "react-i18next";
import type { Schemas } from "@/api/client";
import { useLatest } from "@/feed/hooks";
import { Percent, Pill, type Tone } from "@/kit/values";
import { venueName } from "@/kit/venue";

const TONES: Record<string, Tone> = { SYNCED: "good", STALE: "warn", DOWN: "bad" };

export function Feeds({ venue, symbols }: { venue: string; symbols: readonly string[] }): ReactNode {
  const { t } = useTranslation("treasury");
  const name = t("venues.feeds", { venue: venueName(venue) });
  return (
    <div className="table-scroll" tabIndex={0} role="region" aria-label={name}>
      <table className="table">
        <caption className="visually-hidden">{name}</caption>
        <thead>
          <tr>
            <th scope="col">{t("word.market")}</th>
            <th scope="col">{t("venues.feed")}</th>
            <th scope="col" className="end">{t("venues.age")}</th>
            <th scope="col">{t("venues.composite")}</th>
            <th scope="col" className="end">{t("venues.deviation")}</th>
          </tr>
        </thead>
        <tbody>{symbols.map((symbol) => <FeedRow key={symbol} venue={venue} symbol={symbol} />)}</tbody>
      </table>
    </div>
  );
}

function FeedRow({ venue, symbol }: { venue: string; symbol: string }): ReactNode {
  const { t } = useTranslation("treasury");
  const quotes = useLatest("quotes", symbol);
  const quote = quotes?.venues.find((row) => row.venue === venue);
  const part = quotes?.composite.constituents.find((row) => row.venue === venue);
  return (
    <tr>
      <td>{symbol}</td>
      <td>{quote === undefined ? <span className="dim">–</span> : <Pill tone={TONES[quote.state] ?? "warn"}>{t(`feed.${quote.state}`)}</Pill>}</td>
      <td className="end number">{quote?.age_ms == null ? "–" : `${String(quote.age_ms)} ms`}</td>
      <td><Part part={part} /></td>
      <td className="end">{part?.deviation == null ? <span className="dim">–</span> : <Percent share={part.deviation} places={4} />}</td>
    </tr>
  );
}

function Part({ part }: { part: Schemas["ConstituentOut"] | undefined }): ReactNode {
  const { t, i18n } = useTranslation("treasury");
  if (part === undefined) return <span className="dim">–</span>;
  if (part.used) return <>{t("venues.weight")} <Percent share={part.weight} places={1} /></>;
  const key = `reason.${part.reason ?? ""}`;
  return <Pill tone="warn">{t("venues.left_out")}: {i18n.exists(key, { ns: "treasury" }) ? t(key) : part.reason}</Pill>;
}
