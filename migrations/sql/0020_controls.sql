-- Controls: kill switches, maintenance windows, limits, markouts and what follows from them, and the venues' lists of open orders.
CREATE TABLE broker.kill_switches (
    id uuid PRIMARY KEY,
    tenant_id uuid NOT NULL,
    scope text NOT NULL CHECK (scope IN ('global', 'venue', 'market', 'customer')),
    target text NOT NULL CHECK ((scope = 'global') = (target = '')),
    mode text NOT NULL CHECK (mode IN ('no_new', 'reduce_only', 'cancel_all')),
    reason text NOT NULL,
    actor uuid NOT NULL,
    until timestamptz,
    created_at timestamptz NOT NULL,
    lifted_at timestamptz,
    lifted_by uuid,
    lift_reason text,
    -- What cancel_all has done so far, and when it last found nothing more to do.
    cancelled integer NOT NULL DEFAULT 0,
    swept_at timestamptz
);
CREATE INDEX kill_switches_live ON broker.kill_switches (tenant_id) WHERE lifted_at IS NULL;
CALL kernel.protect('broker.kill_switches', app => 'SELECT, INSERT, UPDATE', engine => 'SELECT, UPDATE');

CREATE TABLE broker.maintenance_windows (
    id uuid PRIMARY KEY,
    tenant_id uuid NOT NULL,
    scope text NOT NULL CHECK (scope IN ('venue', 'market')),
    target text NOT NULL,
    starts_at timestamptz NOT NULL,
    ends_at timestamptz NOT NULL CHECK (ends_at > starts_at),
    reason text NOT NULL,
    actor uuid NOT NULL,
    created_at timestamptz NOT NULL,
    ended_at timestamptz,
    ended_by uuid
);
CREATE INDEX maintenance_windows_open ON broker.maintenance_windows (tenant_id, ends_at) WHERE ended_at IS NULL;
CALL kernel.protect('broker.maintenance_windows', app => 'SELECT, INSERT, UPDATE', engine => 'SELECT');

-- In units of the reporting currency. Target '' is everybody who has no row of his own.
CREATE TABLE broker.trading_limits (
    tenant_id uuid NOT NULL,
    scope text NOT NULL CHECK (scope IN ('customer', 'venue')),
    target text NOT NULL,
    per_order kernel.amount CHECK (per_order > 0),
    per_day kernel.amount CHECK (per_day > 0),
    outstanding kernel.amount CHECK (outstanding > 0),
    actor uuid NOT NULL,
    updated_at timestamptz NOT NULL,
    PRIMARY KEY (tenant_id, scope, target),
    CHECK (CASE scope WHEN 'customer' THEN outstanding IS NULL ELSE per_order IS NULL AND per_day IS NULL END)
);
CALL kernel.protect('broker.trading_limits', app => 'SELECT, INSERT, UPDATE, DELETE', engine => 'SELECT');
CREATE INDEX orders_of_owner_day ON broker.orders (tenant_id, owner_id, created_at);

-- What the composite did after a fill: positive where the customer would have gained.
CREATE TABLE broker.markouts (
    tenant_id uuid NOT NULL,
    event_id uuid NOT NULL,
    horizon_s integer NOT NULL,
    owner_id uuid NOT NULL,
    order_id uuid NOT NULL,
    symbol text NOT NULL,
    side text NOT NULL,
    venue text NOT NULL,
    price kernel.amount NOT NULL,
    quantity kernel.amount NOT NULL,
    filled_at timestamptz NOT NULL,
    due_at timestamptz NOT NULL,
    state text NOT NULL DEFAULT 'waiting' CHECK (state IN ('waiting', 'measured', 'missed')),
    measured_at timestamptz,
    reference kernel.amount,
    markout kernel.amount,
    PRIMARY KEY (tenant_id, event_id, horizon_s)
);
CREATE INDEX markouts_due ON broker.markouts (due_at) WHERE state = 'waiting';
CREATE INDEX markouts_of_owner ON broker.markouts (tenant_id, owner_id, horizon_s, filled_at DESC) WHERE state = 'measured';
CALL kernel.protect('broker.markouts', app => 'SELECT', engine => 'SELECT, INSERT, UPDATE, DELETE');

CREATE TABLE broker.toxicity (
    tenant_id uuid NOT NULL,
    customer_id uuid NOT NULL,
    class text NOT NULL CHECK (class IN ('normal', 'wide', 'slow')),
    measured_class text NOT NULL CHECK (measured_class IN ('normal', 'wide', 'slow')),
    scores jsonb NOT NULL,
    fills integer NOT NULL,
    override_reason text,
    override_by uuid,
    updated_at timestamptz NOT NULL,
    PRIMARY KEY (tenant_id, customer_id)
);
CALL kernel.protect('broker.toxicity', app => 'SELECT, INSERT, UPDATE', engine => 'SELECT, INSERT, UPDATE');

-- Protection of a market's prices; belongs to the deployment as the market does. No row: the defaults of the program.
CREATE TABLE markets.guards (
    symbol text PRIMARY KEY REFERENCES markets.instruments (symbol),
    band kernel.amount NOT NULL CHECK (band > 0 AND band < 1),
    wide_band kernel.amount NOT NULL CHECK (wide_band >= band AND wide_band < 1),
    max_quote_age_ms integer CHECK (max_quote_age_ms > 0),
    calm kernel.amount NOT NULL CHECK (calm >= 0),
    widening kernel.amount NOT NULL CHECK (widening >= 0),
    widest kernel.amount NOT NULL CHECK (widest >= 0 AND widest < 1),
    updated_at timestamptz NOT NULL
);
GRANT SELECT, INSERT, UPDATE ON markets.guards TO rivermouth_app;
GRANT SELECT ON markets.guards TO rivermouth_engine;

-- Venues that told us to stay away, until when in business time: it outlives the process that was told.
CREATE TABLE venues.pauses (
    venue text PRIMARY KEY,
    until timestamptz NOT NULL,
    told_at timestamptz NOT NULL
);
GRANT SELECT ON venues.pauses TO rivermouth_app;
GRANT SELECT, INSERT, UPDATE, DELETE ON venues.pauses TO rivermouth_engine;

-- What each venue lists as open on our account; a row stays while the venue lists it.
CREATE TABLE broker.listed_orders (
    tenant_id uuid NOT NULL,
    venue text NOT NULL,
    symbol text NOT NULL,
    venue_order_id text NOT NULL,
    client_order_id text NOT NULL,
    ours boolean NOT NULL,
    side text,
    price kernel.amount,
    quantity kernel.amount,
    filled_quantity kernel.amount NOT NULL,
    first_seen_at timestamptz NOT NULL,
    last_seen_at timestamptz NOT NULL,
    PRIMARY KEY (tenant_id, venue, symbol, venue_order_id)
);
CALL kernel.protect('broker.listed_orders', app => 'SELECT', engine => 'SELECT, INSERT, UPDATE, DELETE');

CREATE TABLE broker.listings (
    tenant_id uuid NOT NULL,
    venue text NOT NULL,
    symbol text NOT NULL,
    read_at timestamptz NOT NULL,
    PRIMARY KEY (tenant_id, venue, symbol)
);
CALL kernel.protect('broker.listings', app => 'SELECT', engine => 'SELECT, INSERT, UPDATE');
