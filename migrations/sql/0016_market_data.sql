-- Public trades of the venues, the candles made of them, price alerts. Trades and candles are prices: the same for everybody, no tenant.

CREATE SEQUENCE markets.trade_id;
GRANT USAGE ON SEQUENCE markets.trade_id TO rivermouth_engine;

-- One day per partition, by the venue's time: old days are dropped whole. A trade is known by its venue's id; it carries one time for ever.
CREATE TABLE markets.trades (
    id bigint NOT NULL DEFAULT nextval('markets.trade_id'),
    symbol text NOT NULL,
    venue text NOT NULL,
    trade_id text NOT NULL,
    price kernel.amount NOT NULL CHECK (price > 0),
    quantity kernel.amount NOT NULL CHECK (quantity > 0),
    side text NOT NULL CHECK (side IN ('buy', 'sell')),
    at timestamptz NOT NULL,
    -- False for a print far from the composite: it is shown, but makes no candle.
    counted boolean NOT NULL,
    received_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    PRIMARY KEY (symbol, venue, trade_id, at)
) PARTITION BY RANGE (at);
CREATE INDEX trades_by_time ON markets.trades (symbol, at);
CREATE INDEX trades_newest ON markets.trades (symbol, id DESC);
GRANT SELECT ON markets.trades TO rivermouth_app;
GRANT SELECT, INSERT ON markets.trades TO rivermouth_engine;

CREATE FUNCTION markets.make_trade_days(p_back integer, p_ahead integer) RETURNS SETOF text
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp SET lock_timeout = '2s' AS $$
DECLARE
    v_today date := (clock_timestamp() AT TIME ZONE 'UTC')::date;
    v_day date;
    v_name text;
BEGIN
    IF p_back NOT BETWEEN 0 AND 60 OR p_ahead NOT BETWEEN 0 AND 60 THEN RAISE EXCEPTION 'at most sixty days each way'; END IF;
    FOR v_day IN SELECT generate_series(v_today - p_back, v_today + p_ahead, interval '1 day')::date LOOP
        v_name := 'trades_' || to_char(v_day, '"y"YYYY"m"MM"d"DD');
        IF to_regclass('markets.' || v_name) IS NULL THEN
            EXECUTE format('CREATE TABLE markets.%I (LIKE markets.trades INCLUDING ALL)', v_name);
            EXECUTE format('ALTER TABLE markets.trades ATTACH PARTITION markets.%I FOR VALUES FROM (%L) TO (%L)', v_name,
                           v_day::timestamp AT TIME ZONE 'UTC', (v_day + 1)::timestamp AT TIME ZONE 'UTC');
            RETURN NEXT v_name;
        END IF;
    END LOOP;
END $$;

CREATE FUNCTION markets.drop_trade_days(p_keep integer) RETURNS SETOF text
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp SET lock_timeout = '2s' AS $$
DECLARE
    v_first text := 'trades_' || to_char((clock_timestamp() AT TIME ZONE 'UTC')::date - p_keep, '"y"YYYY"m"MM"d"DD');
    v_name text;
BEGIN
    IF p_keep < 2 THEN RAISE EXCEPTION 'candles of late trades need at least two days'; END IF;
    FOR v_name IN
        SELECT c.relname::text FROM pg_inherits i JOIN pg_class c ON c.oid = i.inhrelid
         WHERE i.inhparent = 'markets.trades'::regclass AND c.relname::text < v_first COLLATE "C" ORDER BY 1
    LOOP
        EXECUTE format('DROP TABLE markets.%I', v_name);
        RETURN NEXT v_name;
    END LOOP;
END $$;
REVOKE ALL ON FUNCTION markets.make_trade_days, markets.drop_trade_days FROM PUBLIC;
GRANT EXECUTE ON FUNCTION markets.make_trade_days, markets.drop_trade_days TO rivermouth_engine;
SELECT markets.make_trade_days(1, 2);

-- Four levels are stored, every other interval is made of them when it is read. Only intervals with trades have a row.
CREATE TABLE markets.candles (
    symbol text NOT NULL,
    step_s integer NOT NULL CHECK (step_s IN (1, 60, 3600, 86400)),
    open_time timestamptz NOT NULL,
    open kernel.amount NOT NULL,
    high kernel.amount NOT NULL,
    low kernel.amount NOT NULL,
    close kernel.amount NOT NULL,
    volume kernel.amount NOT NULL CHECK (volume >= 0),
    quote_volume kernel.amount NOT NULL CHECK (quote_volume >= 0),
    trades bigint NOT NULL CHECK (trades >= 0),
    -- trades: made of trades that we saw; venues: at least partly taken from the venues' own candles.
    source text NOT NULL CHECK (source IN ('trades', 'venues')),
    CHECK (low <= open AND low <= close AND open <= high AND close <= high),
    PRIMARY KEY (symbol, step_s, open_time)
);
GRANT SELECT ON markets.candles TO rivermouth_app;
GRANT SELECT, INSERT, UPDATE, DELETE ON markets.candles TO rivermouth_engine;

-- Up to which moment the venues' own candles have been read in, so that a restart asks for what is missing and no more.
CREATE TABLE markets.backfills (
    symbol text PRIMARY KEY,
    complete_until timestamptz NOT NULL
);
GRANT SELECT, INSERT, UPDATE ON markets.backfills TO rivermouth_engine;

CREATE TABLE markets.price_alerts (
    id uuid PRIMARY KEY,
    tenant_id uuid NOT NULL,
    owner_id uuid NOT NULL,
    symbol text NOT NULL,
    direction text NOT NULL CHECK (direction IN ('above', 'below')),
    price kernel.amount NOT NULL CHECK (price > 0),
    -- How far the price must come back before the next crossing counts, as a fraction of `price`.
    hysteresis kernel.amount NOT NULL CHECK (hysteresis >= 0 AND hysteresis < 1),
    cooldown_s integer NOT NULL CHECK (cooldown_s >= 0),
    repeat boolean NOT NULL,
    note text,
    status text NOT NULL CHECK (status IN ('new', 'armed', 'waiting', 'done', 'cancelled')),
    fired integer NOT NULL DEFAULT 0,
    last_fired_at timestamptz,
    last_fired_price kernel.amount,
    created_at timestamptz NOT NULL,
    updated_at timestamptz NOT NULL,
    xid xid8 NOT NULL DEFAULT pg_current_xact_id()
);
CREATE INDEX price_alerts_of_owner ON markets.price_alerts (tenant_id, owner_id, id DESC) WHERE status <> 'cancelled';
CREATE INDEX price_alerts_live ON markets.price_alerts (symbol, id) WHERE status IN ('new', 'armed', 'waiting');
CREATE INDEX price_alerts_changed ON markets.price_alerts (symbol, xid);
CALL kernel.protect('markets.price_alerts', app => 'SELECT, INSERT, UPDATE', engine => 'SELECT, UPDATE, DELETE');
