-- Public trades, candles, price alerts.
SELECT 1;
