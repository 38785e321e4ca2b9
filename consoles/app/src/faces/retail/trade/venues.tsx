// Venues by name and tint. The tint is a help; the name stands beside it always.

import type { ReactNode } from "react";

const NAMES: Record<string, string> = {
  binance: "Binance", okx: "OKX", bitfinex: "Bitfinex", kraken: "Kraken", coinbase: "Coinbase", bybit: "Bybit", bitstamp: "Bitstamp", gate: "Gate",
};
const TINTS = 6;
const KNOWN = Object.keys(NAMES);

export const venueName = (venue: string): string => NAMES[venue] ?? venue.charAt(0).toUpperCase() + venue.slice(1);

function tintOf(venue: string): number {
  const place = KNOWN.indexOf(venue);
  return (place >= 0 ? place : venue.length) % TINTS;
}

export function Venue({ venue }: { venue: string }): ReactNode {
  return <span className={`retail-venue tint-${tintOf(venue)}`}>{venueName(venue)}</span>;
}

/** Two letters each, where several venues share a line; the names are its tooltip and what is read aloud. */
export function Venues({ venues }: { venues: readonly string[] }): ReactNode {
  const [only] = venues;
  if (venues.length === 1 && only !== undefined) return <Venue venue={only} />;
  const names = venues.map(venueName).join(", ");
  return (
    <span className="retail-venues" title={names}>
      <span className="visually-hidden">{names}</span>
      {venues.map((venue) => <span key={venue} aria-hidden="true" className={`retail-venue tint-${tintOf(venue)}`}>{venueName(venue).slice(0, 2)}</span>)}
    </span>
  );
}
