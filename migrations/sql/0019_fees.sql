-- What customers pay and what venues charge; what each fill earned and cost; where the house stands.

-- An order agrees to two rates: `fee_rate` for what takes, `maker_rate` for what has rested in our book (absent: the same).
-- taker_cost: what was filled before the first rest; whatever is filled after it is a maker's.
ALTER TABLE broker.orders
    ADD COLUMN maker_rate kernel.amount CHECK (maker_rate >= 0 AND maker_rate <= fee_rate),
    ADD COLUMN taker_cost kernel.amount CHECK (taker_cost >= 0);

-- Only the limit book makes a maker: a stop that waits for its price, or an order between its slices, rests elsewhere.
CREATE FUNCTION broker.note_first_rest() RETURNS trigger LANGUAGE plpgsql SET search_path = pg_catalog AS $$
BEGIN
    IF coalesce(to_jsonb(NEW) ->> 'rests_in', 'book') = 'book' THEN
        NEW.taker_cost := NEW.filled_cost;
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER first_rest BEFORE UPDATE ON broker.orders FOR EACH ROW
    WHEN (NEW.status = 'resting' AND NEW.limit_price IS NOT NULL AND NEW.taker_cost IS NULL)
    EXECUTE FUNCTION broker.note_first_rest();

-- The spread of a market is part of what customers pay: an administrator sets it.
GRANT UPDATE (markup) ON markets.instruments TO rivermouth_app;

-- A tenant's table of tiers as of a moment; the newest one whose time has come is in force. Without any, the product's own is.
CREATE TABLE broker.fee_schedules (
    id uuid PRIMARY KEY,
    tenant_id uuid NOT NULL,
    valid_from timestamptz NOT NULL,
    reason text NOT NULL CHECK (length(reason) BETWEEN 1 AND 500),
    created_by uuid NOT NULL,
    created_at timestamptz NOT NULL
);
CREATE INDEX fee_schedules_in_force ON broker.fee_schedules (tenant_id, valid_from DESC, id DESC);
CALL kernel.protect('broker.fee_schedules', app => 'SELECT, INSERT', engine => 'SELECT, INSERT');

CREATE TABLE broker.fee_tiers (
    schedule_id uuid NOT NULL REFERENCES broker.fee_schedules (id),
    tenant_id uuid NOT NULL,
    tier smallint NOT NULL CHECK (tier >= 0),
    min_volume kernel.amount NOT NULL CHECK (min_volume >= 0),
    maker kernel.amount NOT NULL,
    taker kernel.amount NOT NULL,
    PRIMARY KEY (schedule_id, tier),
    CHECK (0 <= maker AND maker <= taker AND taker <= 0.05),
    CHECK (tier > 0 OR min_volume = 0)
);
CALL kernel.protect('broker.fee_tiers', app => 'SELECT, INSERT', engine => 'SELECT, INSERT');

-- Rates agreed with one customer, from a moment on. Null rates end the agreement: the tiers hold again.
CREATE TABLE broker.fee_overrides (
    id uuid PRIMARY KEY,
    tenant_id uuid NOT NULL,
    customer_id uuid NOT NULL,
    maker kernel.amount,
    taker kernel.amount,
    valid_from timestamptz NOT NULL,
    valid_until timestamptz CHECK (valid_until > valid_from),
    reason text NOT NULL CHECK (length(reason) BETWEEN 1 AND 500),
    created_by uuid NOT NULL,
    created_at timestamptz NOT NULL,
    CHECK ((maker IS NULL) = (taker IS NULL)),
    CHECK (0 <= maker AND maker <= taker AND taker <= 0.05)
);
CREATE INDEX fee_overrides_of_customer ON broker.fee_overrides (tenant_id, customer_id, valid_from DESC, id DESC);
CALL kernel.protect('broker.fee_overrides', app => 'SELECT, INSERT', engine => 'SELECT, INSERT');

-- What one unit of an asset is worth in the reporting currency, last known. Prices are the same for everybody.
CREATE TABLE broker.marks (
    asset text PRIMARY KEY,
    price kernel.amount NOT NULL CHECK (price > 0),
    source text NOT NULL,
    as_of timestamptz NOT NULL
);
GRANT SELECT ON broker.marks TO rivermouth_app;
GRANT SELECT, INSERT, UPDATE ON broker.marks TO rivermouth_engine;

-- A fill is accounted once: its line of revenue, the volumes and the house's positions are written in that transaction.
ALTER TABLE broker.fills ADD COLUMN accounted boolean NOT NULL DEFAULT false;
CREATE INDEX fills_to_account ON broker.fills (id) WHERE NOT accounted;
GRANT UPDATE (accounted) ON broker.fills TO rivermouth_engine;

-- One line per fill: amounts as the journal has them, and their worth in the reporting currency at the marks of that moment.
-- A venue's fee in an asset without a mark has no worth yet (null).
CREATE TABLE broker.revenue (
    fill_id uuid PRIMARY KEY REFERENCES broker.fills (id),
    tenant_id uuid NOT NULL,
    order_id uuid NOT NULL,
    customer_id uuid NOT NULL,
    owner text NOT NULL CHECK (owner IN ('customer', 'house')),
    venue text NOT NULL,
    symbol text NOT NULL,
    side text NOT NULL,
    booked_at timestamptz NOT NULL,
    quantity kernel.amount NOT NULL,
    venue_cost kernel.amount NOT NULL,
    quote_asset text NOT NULL,
    trade_fee kernel.amount NOT NULL,
    spread kernel.amount NOT NULL,
    fee_asset text NOT NULL,
    venue_fee kernel.amount NOT NULL,
    quote_mark kernel.amount NOT NULL,
    fee_mark kernel.amount,
    volume kernel.amount NOT NULL,
    trade_fee_value kernel.amount NOT NULL,
    spread_value kernel.amount NOT NULL,
    venue_fee_value kernel.amount
);
CREATE INDEX revenue_when ON broker.revenue (tenant_id, booked_at);
CREATE INDEX revenue_of_order ON broker.revenue (tenant_id, order_id);
CREATE INDEX revenue_without_worth ON broker.revenue (fee_asset) WHERE venue_fee_value IS NULL;
CALL kernel.protect('broker.revenue', app => 'SELECT', engine => 'SELECT, INSERT');
GRANT UPDATE (fee_mark, venue_fee_value) ON broker.revenue TO rivermouth_engine;

CREATE TABLE broker.customer_volumes (
    tenant_id uuid NOT NULL,
    customer_id uuid NOT NULL,
    day date NOT NULL,
    volume kernel.amount NOT NULL,
    fills bigint NOT NULL,
    PRIMARY KEY (tenant_id, customer_id, day)
) WITH (fillfactor = 70);
CALL kernel.protect('broker.customer_volumes', app => 'SELECT', engine => 'SELECT, INSERT, UPDATE');

CREATE TABLE broker.venue_volumes (
    tenant_id uuid NOT NULL,
    venue text NOT NULL,
    day date NOT NULL,
    volume kernel.amount NOT NULL,
    fills bigint NOT NULL,
    PRIMARY KEY (tenant_id, venue, day)
) WITH (fillfactor = 70);
CALL kernel.protect('broker.venue_volumes', app => 'SELECT', engine => 'SELECT, INSERT, UPDATE');

-- What trading left with the house, per asset: quantity, what it cost on average (in the reporting currency), what was realised on it.
CREATE TABLE broker.positions (
    tenant_id uuid NOT NULL,
    asset text NOT NULL,
    quantity kernel.amount NOT NULL,
    cost kernel.amount NOT NULL,
    realised kernel.amount NOT NULL,
    updated_at timestamptz NOT NULL,
    PRIMARY KEY (tenant_id, asset)
) WITH (fillfactor = 70);
CALL kernel.protect('broker.positions', app => 'SELECT', engine => 'SELECT, INSERT, UPDATE');

-- While house.trading is not zero in an asset, the house bears its price: from when, how much at most.
CREATE TABLE broker.hedge_gaps (
    id uuid PRIMARY KEY,
    tenant_id uuid NOT NULL,
    asset text NOT NULL,
    quantity kernel.amount NOT NULL CHECK (quantity <> 0),
    worst kernel.amount NOT NULL,
    opened_at timestamptz NOT NULL,
    closed_at timestamptz
);
CREATE UNIQUE INDEX hedge_gaps_one_open ON broker.hedge_gaps (tenant_id, asset) WHERE closed_at IS NULL;
CREATE INDEX hedge_gaps_when ON broker.hedge_gaps (tenant_id, opened_at DESC);
CALL kernel.protect('broker.hedge_gaps', app => 'SELECT', engine => 'SELECT, INSERT, UPDATE');

-- The report of a day: what was earned in it, and where the house stood at its end, asset by asset.
CREATE TABLE broker.exposure_reports (
    tenant_id uuid NOT NULL,
    day date NOT NULL,
    made_at timestamptz NOT NULL,
    fills bigint NOT NULL,
    volume kernel.amount NOT NULL,
    trade_fees kernel.amount NOT NULL,
    spread kernel.amount NOT NULL,
    venue_fees kernel.amount NOT NULL,
    realised kernel.amount NOT NULL,
    unrealised kernel.amount NOT NULL,
    hedge_gaps integer NOT NULL,
    PRIMARY KEY (tenant_id, day)
);
CALL kernel.protect('broker.exposure_reports', app => 'SELECT', engine => 'SELECT, INSERT');

CREATE TABLE broker.exposure_lines (
    tenant_id uuid NOT NULL,
    day date NOT NULL,
    asset text NOT NULL,
    custody kernel.amount NOT NULL,
    outside kernel.amount NOT NULL,
    customers kernel.amount NOT NULL,
    capital kernel.amount NOT NULL,
    trading kernel.amount NOT NULL,
    earned kernel.amount NOT NULL,
    spent kernel.amount NOT NULL,
    other kernel.amount NOT NULL,
    price kernel.amount,
    position kernel.amount NOT NULL,
    cost kernel.amount NOT NULL,
    realised kernel.amount NOT NULL,
    unrealised kernel.amount,
    PRIMARY KEY (tenant_id, day, asset)
);
CALL kernel.protect('broker.exposure_lines', app => 'SELECT', engine => 'SELECT, INSERT');

-- What a venue says it charges our account; the fills tell what it really charged.
CREATE TABLE venues.fee_reports (
    tenant_id uuid NOT NULL,
    venue text NOT NULL,
    symbol text NOT NULL,
    maker kernel.amount NOT NULL,
    taker kernel.amount NOT NULL,
    volume kernel.amount,
    changed_at timestamptz NOT NULL,
    reported_at timestamptz NOT NULL,
    PRIMARY KEY (tenant_id, venue, symbol)
);
CALL kernel.protect('venues.fee_reports', app => 'SELECT', engine => 'SELECT, INSERT, UPDATE');
