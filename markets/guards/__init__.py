"""Guards of a market's prices: bands, the age of a quote, and how far a spread widens with volatility."""
