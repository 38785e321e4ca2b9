-- Customer orders, the venue orders that hedge them, and the fills that tie both to one journal.
CREATE SCHEMA broker;
GRANT USAGE ON SCHEMA broker TO rivermouth_app, rivermouth_engine;

CREATE SEQUENCE broker.accept_seq;
GRANT USAGE ON SEQUENCE broker.accept_seq TO rivermouth_app, rivermouth_engine;

CREATE TABLE broker.orders (
    id uuid PRIMARY KEY,
    tenant_id uuid NOT NULL,
    owner_kind text NOT NULL CHECK (owner_kind IN ('customer', 'house', 'liquidation')),
    owner_id uuid NOT NULL,
    client_order_id text NOT NULL CHECK (length(client_order_id) BETWEEN 1 AND 64),
    symbol text NOT NULL,
    side text NOT NULL CHECK (side IN ('buy', 'sell')),
    type text NOT NULL CHECK (type IN ('market', 'limit')),
    time_in_force text NOT NULL CHECK (time_in_force IN ('gtc', 'ioc')),
    venue text NOT NULL,
    quantity kernel.amount NOT NULL CHECK (quantity > 0),
    quote_quantity kernel.amount,
    limit_price kernel.amount,
    -- The price that no fill may pass: the customer's limit, or the edge of a market order's protection band.
    protect_price kernel.amount NOT NULL CHECK (protect_price > 0),
    markup kernel.amount NOT NULL,
    fee_rate kernel.amount NOT NULL,
    fill_mode text NOT NULL CHECK (fill_mode IN ('pass_through', 'touch')),
    status text NOT NULL CHECK (status IN
        ('accepted', 'working', 'resting', 'triggered', 'filled', 'cancelled', 'expired', 'rejected')),
    filled_quantity kernel.amount NOT NULL DEFAULT 0 CHECK (filled_quantity >= 0),
    filled_cost kernel.amount NOT NULL DEFAULT 0 CHECK (filled_cost >= 0),
    fee kernel.amount NOT NULL DEFAULT 0 CHECK (fee >= 0),
    base_asset text NOT NULL,
    quote_asset text NOT NULL,
    spend_account bigint NOT NULL,
    receive_account bigint NOT NULL,
    hold_id uuid NOT NULL,
    accept_seq bigint NOT NULL,
    -- After an empty IOC the order triggers again only on a better price than this, and not before that moment (wall time).
    failed_price kernel.amount,
    rearm_at timestamptz,
    routed integer NOT NULL DEFAULT 0,
    cancel_requested_at timestamptz,
    reason text,
    plan jsonb,
    created_at timestamptz NOT NULL,
    updated_at timestamptz NOT NULL,
    version integer NOT NULL DEFAULT 1,
    xid xid8 NOT NULL DEFAULT pg_current_xact_id(),
    CHECK (filled_quantity <= quantity),
    UNIQUE (tenant_id, owner_id, client_order_id)
);
CREATE INDEX orders_of_owner ON broker.orders (tenant_id, owner_id, id DESC);
CREATE INDEX orders_resting ON broker.orders (symbol, accept_seq) WHERE status = 'resting';
CREATE INDEX orders_changed ON broker.orders (symbol, xid);
CREATE INDEX orders_live ON broker.orders (status) WHERE status IN ('accepted', 'working', 'triggered');
CALL kernel.protect('broker.orders', app => 'SELECT, INSERT, UPDATE', engine => 'SELECT, INSERT, UPDATE');

CREATE TABLE broker.transitions (
    id uuid PRIMARY KEY,
    tenant_id uuid NOT NULL,
    order_id uuid NOT NULL REFERENCES broker.orders (id),
    from_status text,
    to_status text NOT NULL,
    reason text,
    at timestamptz NOT NULL
);
CREATE INDEX transitions_of_order ON broker.transitions (order_id, id);
CALL kernel.protect('broker.transitions', app => 'SELECT, INSERT', engine => 'SELECT, INSERT');

CREATE TABLE broker.venue_orders (
    id uuid PRIMARY KEY,
    tenant_id uuid NOT NULL,
    order_id uuid NOT NULL REFERENCES broker.orders (id),
    venue text NOT NULL,
    coid_number bigint NOT NULL UNIQUE,
    client_order_id text NOT NULL,
    venue_order_id text,
    symbol text NOT NULL,
    side text NOT NULL,
    quantity kernel.amount NOT NULL CHECK (quantity > 0),
    limit_price kernel.amount NOT NULL CHECK (limit_price > 0),
    -- The best opposite price when it was planned: after an empty attempt only a better one triggers again.
    seen_price kernel.amount NOT NULL,
    status text NOT NULL CHECK (status IN
        ('intent', 'unknown', 'open', 'partially_filled', 'filled', 'cancelled', 'expired', 'refused', 'not_placed')),
    filled_quantity kernel.amount NOT NULL DEFAULT 0,
    filled_cost kernel.amount NOT NULL DEFAULT 0,
    reserved_asset text NOT NULL,
    reserved kernel.amount NOT NULL CHECK (reserved >= 0),
    reason text,
    created_at timestamptz NOT NULL,
    updated_at timestamptz NOT NULL
);
CREATE INDEX venue_orders_of_order ON broker.venue_orders (order_id, id);
CREATE INDEX venue_orders_live ON broker.venue_orders (venue) WHERE status IN ('intent', 'unknown', 'open', 'partially_filled');
CALL kernel.protect('broker.venue_orders', app => 'SELECT, INSERT, UPDATE', engine => 'SELECT, INSERT, UPDATE');

CREATE TABLE broker.fills (
    id uuid PRIMARY KEY,
    tenant_id uuid NOT NULL,
    order_id uuid NOT NULL REFERENCES broker.orders (id),
    venue_order_id uuid NOT NULL REFERENCES broker.venue_orders (id),
    venue text NOT NULL,
    symbol text NOT NULL,
    trade_id text NOT NULL,
    owner text NOT NULL CHECK (owner IN ('customer', 'house')),
    price kernel.amount NOT NULL,
    quantity kernel.amount NOT NULL CHECK (quantity > 0),
    venue_cost kernel.amount NOT NULL,
    venue_fee kernel.amount NOT NULL,
    venue_fee_asset text NOT NULL,
    customer_price kernel.amount NOT NULL,
    customer_cost kernel.amount NOT NULL,
    customer_fee kernel.amount NOT NULL,
    journal_id uuid NOT NULL,
    executed_at timestamptz NOT NULL,
    booked_at timestamptz NOT NULL,
    UNIQUE (tenant_id, venue, symbol, trade_id)
);
CREATE INDEX fills_of_order ON broker.fills (order_id, id);
CALL kernel.protect('broker.fills', app => 'SELECT', engine => 'SELECT, INSERT');
