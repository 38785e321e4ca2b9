-- What can be traded. Markets belong to the deployment, not to a tenant: prices are the same for everybody.
CREATE SCHEMA markets;
GRANT USAGE ON SCHEMA markets TO rivermouth_app, rivermouth_engine;

CREATE TABLE markets.instruments (
    symbol text PRIMARY KEY CHECK (symbol = base || '-' || quote),
    base text NOT NULL,
    quote text NOT NULL CHECK (quote <> base),
    tick kernel.amount NOT NULL CHECK (tick > 0),
    lot kernel.amount NOT NULL CHECK (lot > 0),
    min_notional kernel.amount NOT NULL CHECK (min_notional > 0),
    trigger text NOT NULL DEFAULT 'executable' CHECK (trigger IN ('last', 'executable')),
    fill text NOT NULL DEFAULT 'pass_through' CHECK (fill IN ('pass_through', 'touch')),
    markup kernel.amount NOT NULL DEFAULT 0 CHECK (markup >= 0 AND markup < 1),
    status text NOT NULL DEFAULT 'trading' CHECK (status IN ('trading', 'paused')),
    position smallint NOT NULL DEFAULT 0,
    updated_at timestamptz NOT NULL DEFAULT now()
);
GRANT SELECT, UPDATE (trigger, fill, status, updated_at) ON markets.instruments TO rivermouth_app;
GRANT SELECT ON markets.instruments TO rivermouth_engine;

INSERT INTO markets.instruments (symbol, base, quote, tick, lot, min_notional, trigger, fill, position) VALUES
    ('BTC-USDT', 'BTC', 'USDT', 0.01, 0.00001, 5, 'executable', 'pass_through', 1),
    ('ETH-USDT', 'ETH', 'USDT', 0.01, 0.0001, 5, 'executable', 'pass_through', 2),
    ('ETH-BTC', 'ETH', 'BTC', 0.000001, 0.0001, 0.0001, 'last', 'touch', 3);
