DROP TABLE markets.price_alerts, markets.backfills, markets.candles, markets.trades;
DROP FUNCTION markets.make_trade_days, markets.drop_trade_days;
DROP SEQUENCE markets.trade_id;
