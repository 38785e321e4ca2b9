-- Funds at venues. usable = least(what the venue last reported, what our ledger says we have there) - reserved.
CREATE SCHEMA wallet_bridge;
GRANT USAGE ON SCHEMA wallet_bridge TO rivermouth_app, rivermouth_engine;

CREATE TABLE wallet_bridge.funds (
    tenant_id uuid NOT NULL,
    venue text NOT NULL,
    asset text NOT NULL,
    reported_free kernel.amount NOT NULL DEFAULT 0,
    reported_total kernel.amount NOT NULL DEFAULT 0,
    reported_at timestamptz,
    reserved kernel.amount NOT NULL DEFAULT 0 CHECK (reserved >= 0),
    warning_line kernel.amount NOT NULL DEFAULT 0,
    PRIMARY KEY (tenant_id, venue, asset)
) WITH (fillfactor = 70);
CALL kernel.protect('wallet_bridge.funds', app => 'SELECT, INSERT, UPDATE', engine => 'SELECT, INSERT, UPDATE');

CREATE TABLE wallet_bridge.alerts (
    id uuid PRIMARY KEY,
    tenant_id uuid NOT NULL,
    venue text NOT NULL,
    asset text NOT NULL,
    kind text NOT NULL CHECK (kind IN ('venue_balance_low', 'below_warning_line')),
    needed kernel.amount,
    usable kernel.amount NOT NULL,
    state text NOT NULL DEFAULT 'open' CHECK (state IN ('open', 'cleared')),
    times integer NOT NULL DEFAULT 1,
    first_at timestamptz NOT NULL DEFAULT now(),
    last_at timestamptz NOT NULL DEFAULT now()
);
CREATE UNIQUE INDEX alerts_one_open ON wallet_bridge.alerts (tenant_id, venue, asset, kind) WHERE state = 'open';
CALL kernel.protect('wallet_bridge.alerts', app => 'SELECT, INSERT, UPDATE', engine => 'SELECT, INSERT, UPDATE');

-- A venue whose balances should be read again soon, because something was filled there.
CREATE TABLE wallet_bridge.refreshes (
    tenant_id uuid NOT NULL,
    venue text NOT NULL,
    wanted_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    PRIMARY KEY (tenant_id, venue)
);
CALL kernel.protect('wallet_bridge.refreshes', app => 'SELECT, INSERT, UPDATE', engine => 'SELECT, INSERT, UPDATE, DELETE');
