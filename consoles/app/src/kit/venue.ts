// Venues by the names people know.

const NAMES: Record<string, string> = { binance: "Binance", bitfinex: "Bitfinex", kraken: "Kraken", okx: "OKX" };

export const venueName = (id: string): string => NAMES[id] ?? id;
