-- One venue order may serve many customers' orders: who gets how much of it, first come first served by rank, is written with the intent.
CREATE TABLE broker.allocations (
    tenant_id uuid NOT NULL,
    child_id uuid NOT NULL REFERENCES broker.venue_orders (id),
    order_id uuid NOT NULL REFERENCES broker.orders (id),
    rank integer NOT NULL,
    quantity kernel.amount NOT NULL CHECK (quantity > 0),
    filled_quantity kernel.amount NOT NULL DEFAULT 0 CHECK (filled_quantity >= 0),
    PRIMARY KEY (child_id, order_id),
    UNIQUE (child_id, rank),
    CHECK (filled_quantity <= quantity)
);
CREATE INDEX allocations_of_order ON broker.allocations (order_id, child_id);
CALL kernel.protect('broker.allocations', app => 'SELECT, INSERT', engine => 'SELECT, INSERT, UPDATE');

-- The order that a venue order serves alone, NULL where it serves several. `batch` is one sending: all legs of one plan.
ALTER TABLE broker.venue_orders ALTER COLUMN order_id DROP NOT NULL;
ALTER TABLE broker.venue_orders ADD COLUMN batch uuid;
CREATE INDEX venue_orders_of_batch ON broker.venue_orders (batch);
INSERT INTO broker.allocations (tenant_id, child_id, order_id, rank, quantity, filled_quantity)
SELECT v.tenant_id, v.id, v.order_id, 1, v.quantity,
       coalesce((SELECT sum(f.quantity) FROM broker.fills f WHERE f.venue_order_id = v.id AND f.owner = 'customer'), 0)
  FROM broker.venue_orders v;
UPDATE broker.venue_orders SET batch = id;
ALTER TABLE broker.venue_orders ALTER COLUMN batch SET NOT NULL;

-- A trade as the venue made it, once; its fills are the slices that orders got of it, and what nobody could take is the house's.
CREATE TABLE broker.executions (
    tenant_id uuid NOT NULL,
    venue text NOT NULL,
    symbol text NOT NULL,
    trade_id text NOT NULL,
    child_id uuid NOT NULL REFERENCES broker.venue_orders (id),
    side text NOT NULL,
    price kernel.amount NOT NULL,
    quantity kernel.amount NOT NULL CHECK (quantity > 0),
    venue_cost kernel.amount NOT NULL,
    venue_fee kernel.amount NOT NULL,
    venue_fee_asset text NOT NULL,
    executed_at timestamptz NOT NULL,
    booked_at timestamptz NOT NULL,
    PRIMARY KEY (tenant_id, venue, symbol, trade_id)
);
CREATE INDEX executions_of_child ON broker.executions (child_id);
CREATE INDEX executions_time ON broker.executions (tenant_id, executed_at);
CALL kernel.protect('broker.executions', app => 'SELECT', engine => 'SELECT, INSERT');
INSERT INTO broker.executions
SELECT f.tenant_id, f.venue, f.symbol, f.trade_id, f.venue_order_id, v.side, f.price, f.quantity, f.venue_cost, f.venue_fee,
       f.venue_fee_asset, f.executed_at, f.booked_at
  FROM broker.fills f JOIN broker.venue_orders v ON v.id = f.venue_order_id;
ALTER TABLE broker.fills DROP CONSTRAINT fills_tenant_id_venue_symbol_trade_id_key;
ALTER TABLE broker.fills ADD CONSTRAINT fills_slice UNIQUE (tenant_id, venue, symbol, trade_id, order_id, owner);
CREATE INDEX fills_of_child ON broker.fills (venue_order_id);

-- After an attempt that filled nothing: the worst price that it reached. What lies between it and `failed_price` was tried in vain.
ALTER TABLE broker.orders ADD COLUMN failed_limit kernel.amount;

-- Who asked for the end of an order at work, in words; it ends later, when its venue orders do.
ALTER TABLE broker.orders ADD COLUMN cancel_reason text;

-- An intent may be taken back before it is sent, by whoever may make one; anything else about a call is its lane's business.
CREATE FUNCTION kernel.withdraw_call(p_lane text, p_kind text, p_ref text) RETURNS boolean
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog AS $$
BEGIN
    UPDATE kernel.calls SET state = 'expired', outcome = '{"reason": "withdrawn"}', settled_at = clock_timestamp()
     WHERE lane = p_lane AND kind = p_kind AND ref = p_ref AND state = 'intent';
    RETURN FOUND;
END $$;
REVOKE ALL ON FUNCTION kernel.withdraw_call(text, text, text) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION kernel.withdraw_call(text, text, text) TO rivermouth_app, rivermouth_engine;
