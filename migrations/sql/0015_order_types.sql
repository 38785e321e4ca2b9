-- Stops, algos, one-cancels-the-other, firm quotes: what order types need.
ALTER TABLE broker.orders
    DROP CONSTRAINT orders_type_check,
    DROP CONSTRAINT orders_time_in_force_check,
    ADD CONSTRAINT orders_type_check CHECK (type IN ('market', 'limit', 'stop', 'stop_limit', 'take_profit', 'trailing_stop')),
    ADD CONSTRAINT orders_time_in_force_check CHECK (time_in_force IN ('gtc', 'ioc', 'fok', 'gtd')),
    -- Who looks at the order while it rests: the limit book, the stop book, or the clock between the slices of a TWAP.
    ADD COLUMN rests_in text NOT NULL DEFAULT 'book' CHECK (rests_in IN ('book', 'stops', 'clock')),
    ADD COLUMN stop_price kernel.amount,
    ADD COLUMN trail_amount kernel.amount,
    ADD COLUMN trail_fraction kernel.amount,
    -- The best price since a trailing stop was accepted; its stop follows it and never goes back.
    ADD COLUMN trail_best kernel.amount,
    ADD COLUMN stopped_at timestamptz,
    ADD COLUMN expires_at timestamptz,
    ADD COLUMN post_only boolean NOT NULL DEFAULT false,
    ADD COLUMN display_quantity kernel.amount CHECK (display_quantity > 0),
    -- The legs of a pair share one hold; at most one of them is at work.
    ADD COLUMN group_id uuid,
    ADD COLUMN slices_left integer NOT NULL DEFAULT 0 CHECK (slices_left >= 0),
    -- While a slice of a TWAP is out: the filled quantity at which the slice is done.
    ADD COLUMN slice_target kernel.amount,
    ADD COLUMN replaces uuid,
    ADD CONSTRAINT orders_expire CHECK ((expires_at IS NOT NULL) = (time_in_force = 'gtd')),
    ADD CONSTRAINT orders_stop CHECK (type IN ('market', 'limit') OR stop_price IS NOT NULL OR trail_amount IS NOT NULL
                                      OR trail_fraction IS NOT NULL),
    ADD CONSTRAINT orders_trail CHECK (type <> 'trailing_stop' OR (trail_amount IS NULL) <> (trail_fraction IS NULL));
CREATE INDEX orders_expiring ON broker.orders (expires_at) WHERE status = 'resting' AND expires_at IS NOT NULL;
CREATE INDEX orders_in_group ON broker.orders (group_id) WHERE group_id IS NOT NULL;
CREATE INDEX orders_stops ON broker.orders (symbol, accept_seq) WHERE status = 'resting' AND rests_in = 'stops';
CREATE INDEX orders_open_of_owner ON broker.orders (tenant_id, owner_id, accept_seq)
    WHERE status IN ('accepted', 'working', 'resting', 'triggered');
-- The last line of defence: whatever a program believes, a pair never works twice.
CREATE UNIQUE INDEX orders_one_leg_at_work ON broker.orders (group_id)
    WHERE group_id IS NOT NULL AND status IN ('triggered', 'working');

-- What a TWAP sends when: by `due_at` the order wants to have filled `target` in all.
CREATE TABLE broker.slices (
    order_id uuid NOT NULL REFERENCES broker.orders (id),
    number integer NOT NULL CHECK (number > 0),
    tenant_id uuid NOT NULL,
    due_at timestamptz NOT NULL,
    target kernel.amount NOT NULL CHECK (target > 0),
    status text NOT NULL DEFAULT 'planned' CHECK (status IN ('planned', 'sent', 'skipped', 'dropped')),
    reason text,
    done_at timestamptz,
    PRIMARY KEY (order_id, number)
);
CREATE INDEX slices_due ON broker.slices (due_at) WHERE status = 'planned';
CALL kernel.protect('broker.slices', app => 'SELECT, INSERT, UPDATE', engine => 'SELECT, INSERT, UPDATE');

-- A firm price for a moment. Accepting it makes an order that one venue fills whole at that price or better, or nothing.
CREATE TABLE broker.firm_quotes (
    id uuid PRIMARY KEY,
    tenant_id uuid NOT NULL,
    owner_id uuid NOT NULL,
    symbol text NOT NULL,
    side text NOT NULL CHECK (side IN ('buy', 'sell')),
    quantity kernel.amount NOT NULL CHECK (quantity > 0),
    price kernel.amount NOT NULL CHECK (price > 0),
    venue text NOT NULL,
    -- Wall time: a quote lives for two seconds of the real market, whatever the business clock does.
    made_at timestamptz NOT NULL,
    expires_at timestamptz NOT NULL,
    order_id uuid REFERENCES broker.orders (id),
    CHECK (expires_at > made_at)
);
CREATE INDEX firm_quotes_of_owner ON broker.firm_quotes (tenant_id, owner_id, id DESC);
CREATE INDEX firm_quotes_old ON broker.firm_quotes (expires_at) WHERE order_id IS NULL;
CALL kernel.protect('broker.firm_quotes', app => 'SELECT, INSERT, UPDATE', engine => 'SELECT, UPDATE, DELETE');
