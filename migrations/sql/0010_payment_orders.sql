-- Products, inventory and payment orders.
--
-- Stock is kept as money is: moves are append-only, the inventory row is a projection that a fold brings up to date by the committed
-- horizon. Every decrease of what may be sold is synchronous under the row's lock (`reserved`), every increase may be late, so the row
-- can only under-estimate: available = on_hand - reserved + sum(d_on_hand - d_reserved) over the moves not folded yet, each term >= 0.
-- Lock order: order row, hold row, balances by account id, inventory by SKU, keys ascending.

CREATE TABLE payments.products (
    tenant_id uuid NOT NULL,
    sku text COLLATE "C" NOT NULL CHECK (length(sku) BETWEEN 1 AND 64),
    id uuid NOT NULL UNIQUE,
    realm text NOT NULL CHECK (realm IN ('DEMO', 'REAL')),
    name text NOT NULL CHECK (length(name) BETWEEN 1 AND 200),
    asset_id smallint NOT NULL REFERENCES payments.assets,
    price kernel.amount NOT NULL CHECK (price > 0),
    price_version integer NOT NULL DEFAULT 1 CHECK (price_version > 0),
    fee_rate numeric NOT NULL CHECK (fee_rate >= 0),
    commission_rate numeric NOT NULL CHECK (commission_rate >= 0),
    created_at timestamptz NOT NULL,
    updated_at timestamptz NOT NULL,
    PRIMARY KEY (tenant_id, sku),
    CHECK (fee_rate + commission_rate < 1)
);

-- Who gets what of a payment: weights, split by largest remainder. They never change: other terms are another SKU.
CREATE TABLE payments.product_shares (
    tenant_id uuid NOT NULL,
    sku text COLLATE "C" NOT NULL,
    position smallint NOT NULL,
    role text NOT NULL CHECK (role IN ('merchant', 'commission', 'fee')),
    account_id bigint NOT NULL REFERENCES payments.accounts,
    weight kernel.amount NOT NULL CHECK (weight > 0),
    PRIMARY KEY (tenant_id, sku, position),
    FOREIGN KEY (tenant_id, sku) REFERENCES payments.products
);

-- Every price a product ever had, the present one included.
CREATE TABLE payments.product_prices (
    tenant_id uuid NOT NULL,
    sku text COLLATE "C" NOT NULL,
    price_version integer NOT NULL,
    price kernel.amount NOT NULL,
    changed_by uuid NOT NULL,
    valid_from timestamptz NOT NULL,
    PRIMARY KEY (tenant_id, sku, price_version),
    FOREIGN KEY (tenant_id, sku) REFERENCES payments.products
);

-- The projection. A reservation granted from the tail makes reserved exceed on_hand until the fold.
CREATE TABLE payments.inventory (
    tenant_id uuid NOT NULL,
    sku text COLLATE "C" NOT NULL,
    on_hand bigint NOT NULL DEFAULT 0,
    reserved bigint NOT NULL DEFAULT 0 CHECK (reserved >= 0),
    version bigint NOT NULL DEFAULT 0,
    PRIMARY KEY (tenant_id, sku),
    FOREIGN KEY (tenant_id, sku) REFERENCES payments.products
) WITH (fillfactor = 70);

CREATE TABLE payments.inv_moves (
    id uuid PRIMARY KEY,
    tenant_id uuid NOT NULL,
    sku text COLLATE "C" NOT NULL,
    d_on_hand bigint NOT NULL,
    d_reserved bigint NOT NULL CHECK (d_reserved <= 0),
    reason text NOT NULL CHECK (reason IN ('stocked', 'removed', 'sold', 'returned')),
    order_id uuid,
    actor text,
    booked_at timestamptz NOT NULL,
    epoch smallint NOT NULL,
    xid xid8 NOT NULL DEFAULT pg_current_xact_id(),
    -- What leaves was reserved before: so a move that is not folded yet never makes the row over-state.
    CHECK (d_on_hand - d_reserved >= 0),
    -- Not to inventory: a sale must not even lock that row's key.
    FOREIGN KEY (tenant_id, sku) REFERENCES payments.products
);
CREATE INDEX inv_moves_order ON payments.inv_moves (epoch, xid);
CREATE INDEX inv_moves_of_sku ON payments.inv_moves (tenant_id, sku, epoch, xid);
CREATE INDEX inv_moves_of_order ON payments.inv_moves (order_id) WHERE order_id IS NOT NULL;

INSERT INTO payments.fold_state (stream, epoch, start, w)
SELECT 'inventory', 1, pg_snapshot_xmin(pg_current_snapshot()), pg_snapshot_xmin(pg_current_snapshot());

CREATE TABLE payments.orders (
    order_id uuid PRIMARY KEY,
    tenant_id uuid NOT NULL,
    realm text NOT NULL CHECK (realm IN ('DEMO', 'REAL')),
    user_id uuid NOT NULL,
    client_key text CHECK (length(client_key) BETWEEN 1 AND 255),
    sku text COLLATE "C" NOT NULL,
    qty bigint NOT NULL CHECK (qty > 0),
    asset_id smallint NOT NULL REFERENCES payments.assets,
    price kernel.amount NOT NULL CHECK (price > 0),
    price_version integer NOT NULL,
    amount kernel.amount NOT NULL CHECK (amount > 0),
    refunded kernel.amount NOT NULL DEFAULT 0,
    refunds integer NOT NULL DEFAULT 0 CHECK (refunds >= 0),
    returned bigint NOT NULL DEFAULT 0,
    hold_id uuid REFERENCES payments.holds,
    payer_account bigint REFERENCES payments.accounts,
    state text NOT NULL DEFAULT 'pending'
        CHECK (state IN ('pending', 'reserved', 'paid', 'cancelled', 'expired', 'partially_refunded', 'refunded')),
    expires_at timestamptz NOT NULL,
    created_at timestamptz NOT NULL,
    updated_at timestamptz NOT NULL,
    paid_at timestamptz,
    UNIQUE (tenant_id, user_id, client_key),
    FOREIGN KEY (tenant_id, sku) REFERENCES payments.products,
    CHECK (returned BETWEEN 0 AND qty),
    CHECK (CASE state WHEN 'refunded' THEN refunded = amount
                      WHEN 'partially_refunded' THEN refunded > 0 AND refunded < amount
                      ELSE refunded = 0 END),
    CHECK (CASE WHEN state = 'pending' THEN hold_id IS NULL
                WHEN state IN ('cancelled', 'expired') THEN paid_at IS NULL
                ELSE hold_id IS NOT NULL AND payer_account IS NOT NULL END),
    CHECK ((state IN ('paid', 'partially_refunded', 'refunded')) = (paid_at IS NOT NULL))
) WITH (fillfactor = 80);
CREATE INDEX orders_of_user ON payments.orders (tenant_id, user_id, order_id);
CREATE INDEX orders_of_tenant ON payments.orders (tenant_id, order_id);
CREATE INDEX orders_due ON payments.orders (expires_at) WHERE state IN ('pending', 'reserved');
CREATE INDEX orders_of_sku ON payments.orders (tenant_id, sku) WHERE state = 'reserved';

-- What each receiver got of a paid order, and how much of it went back.
CREATE TABLE payments.order_legs (
    tenant_id uuid NOT NULL,
    order_id uuid NOT NULL REFERENCES payments.orders,
    position smallint NOT NULL,
    role text NOT NULL CHECK (role IN ('merchant', 'commission', 'fee')),
    account_id bigint NOT NULL REFERENCES payments.accounts,
    amount kernel.amount NOT NULL CHECK (amount >= 0),
    refunded kernel.amount NOT NULL DEFAULT 0,
    PRIMARY KEY (order_id, position),
    CHECK (refunded BETWEEN 0 AND amount)
);

CALL kernel.protect('payments.products', app => 'SELECT, INSERT, UPDATE', engine => 'SELECT, INSERT, UPDATE');
CALL kernel.protect('payments.product_shares', app => 'SELECT, INSERT', engine => 'SELECT, INSERT');
CALL kernel.protect('payments.product_prices', app => 'SELECT, INSERT', engine => 'SELECT, INSERT');
CALL kernel.protect('payments.inventory', app => 'SELECT', engine => 'SELECT');
CALL kernel.protect('payments.inv_moves', app => 'SELECT', engine => 'SELECT');
CALL kernel.protect('payments.orders', app => 'SELECT, INSERT, UPDATE', engine => 'SELECT, INSERT, UPDATE');
CALL kernel.protect('payments.order_legs', app => 'SELECT, INSERT, UPDATE', engine => 'SELECT, INSERT, UPDATE');
GRANT SELECT, INSERT, UPDATE, MAINTAIN ON payments.inventory TO rivermouth_ledger;
GRANT SELECT, INSERT, MAINTAIN ON payments.inv_moves TO rivermouth_ledger;
GRANT SELECT ON payments.orders TO rivermouth_ledger;

-- Without a tenant only the engine's fold sees all of them.
DO $$
DECLARE target text;
BEGIN
    FOREACH target IN ARRAY ARRAY['inventory', 'inv_moves', 'orders'] LOOP
        EXECUTE format($p$CREATE POLICY fold ON payments.%I %s TO rivermouth_ledger
            USING ((SELECT nullif(current_setting('app.tenant', true), '') IS NULL AND pg_has_role(session_user, 'rivermouth_engine', 'MEMBER')))$p$,
            target, CASE target WHEN 'inventory' THEN '' ELSE 'FOR SELECT' END);
    END LOOP;
    FOREACH target IN ARRAY ARRAY['inv_moves', 'product_prices', 'product_shares'] LOOP
        EXECUTE format('CREATE TRIGGER append_only BEFORE UPDATE OR DELETE ON payments.%I
                        FOR EACH ROW EXECUTE FUNCTION payments.refuse_change()', target);
        EXECUTE format('CREATE TRIGGER no_truncate BEFORE TRUNCATE ON payments.%I
                        FOR EACH STATEMENT EXECUTE FUNCTION payments.refuse_change()', target);
    END LOOP;
END $$;

-- Stock now: the row and the un-folded tail, seen by one statement and so in one snapshot.
CREATE FUNCTION payments.stock_exact(p_tenant uuid, p_skus text[]) RETURNS TABLE (sku text, on_hand bigint, reserved bigint)
LANGUAGE sql STABLE SET search_path = pg_catalog SET enable_seqscan = off SET jit = off AS $$
    SELECT i.sku, i.on_hand + tail.d_on_hand, i.reserved + tail.d_reserved
      FROM payments.inventory i
      CROSS JOIN payments.fold_state f
      CROSS JOIN LATERAL (
          SELECT coalesce(sum(m.d_on_hand), 0)::bigint AS d_on_hand, coalesce(sum(m.d_reserved), 0)::bigint AS d_reserved
            FROM payments.inv_moves m
           WHERE m.tenant_id = i.tenant_id AND m.sku = i.sku AND (m.epoch, m.xid) >= (f.epoch, f.w)) tail
     WHERE i.tenant_id = p_tenant AND i.sku = ANY (p_skus) AND f.stream = 'inventory'
$$;

CREATE FUNCTION payments.stock_open(p_sku text) RETURNS void
LANGUAGE sql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
    INSERT INTO payments.inventory (tenant_id, sku) VALUES (payments.tenant(), p_sku)
$$;

-- Put units aside under the row's lock; the exact value is read by a later statement when the row looks short.
CREATE FUNCTION payments.stock_reserve(p_sku text, p_qty bigint) RETURNS TABLE (status text, available bigint)
LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, pg_temp SET plan_cache_mode = force_generic_plan SET jit = off SET enable_seqscan = off AS $$
DECLARE
    v_tenant uuid := payments.tenant();
    v_available bigint;
BEGIN
    IF p_qty <= 0 THEN RAISE EXCEPTION 'a reservation takes at least one unit' USING ERRCODE = '22023'; END IF;
    SELECT i.on_hand - i.reserved INTO v_available FROM payments.inventory i
     WHERE i.tenant_id = v_tenant AND i.sku = p_sku FOR NO KEY UPDATE;
    IF NOT FOUND THEN RETURN QUERY SELECT 'product_not_found', NULL::bigint; RETURN; END IF;
    IF v_available < p_qty THEN
        SELECT x.on_hand - x.reserved INTO v_available FROM payments.stock_exact(v_tenant, ARRAY[p_sku]) x;
        IF v_available < p_qty THEN RETURN QUERY SELECT 'out_of_stock', v_available; RETURN; END IF;
    END IF;
    UPDATE payments.inventory i SET reserved = i.reserved + p_qty, version = i.version + 1
     WHERE i.tenant_id = v_tenant AND i.sku = p_sku;
    RETURN QUERY SELECT 'ok', NULL::bigint;
END $$;

CREATE FUNCTION payments.stock_release(p_sku text, p_qty bigint) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, pg_temp SET plan_cache_mode = force_generic_plan SET jit = off SET enable_seqscan = off AS $$
DECLARE v_tenant uuid := payments.tenant();
BEGIN
    UPDATE payments.inventory i SET reserved = i.reserved - p_qty, version = i.version + 1
     WHERE i.tenant_id = v_tenant AND i.sku = p_sku;
    IF NOT FOUND THEN RAISE EXCEPTION 'no stock of % to release', p_sku USING ERRCODE = '22023'; END IF;
END $$;

-- Insert-only: the inventory row is not touched. What leaves must have been reserved.
CREATE FUNCTION payments.stock_move(
    p_id uuid, p_sku text, p_on_hand bigint, p_reserved bigint, p_reason text, p_order uuid, p_actor text
) RETURNS void
LANGUAGE sql SECURITY DEFINER
SET search_path = pg_catalog, pg_temp SET jit = off SET enable_seqscan = off AS $$
    INSERT INTO payments.inv_moves (id, tenant_id, sku, d_on_hand, d_reserved, reason, order_id, actor, booked_at, epoch)
    SELECT p_id, payments.tenant(), p_sku, p_on_hand, p_reserved, p_reason, p_order, p_actor, kernel.business_now(), f.epoch
      FROM payments.fold_state f WHERE f.stream = 'inventory'
$$;

-- Whether a pass of the fold has anything to do.
CREATE FUNCTION payments.inventory_waits() RETURNS boolean
LANGUAGE sql STABLE SET search_path = pg_catalog SET enable_seqscan = off SET jit = off AS $$
    SELECT EXISTS (SELECT 1 FROM payments.inv_moves m WHERE m.epoch = f.epoch AND m.xid >= f.w)
           OR f.system_identifier <> payments.cluster_id()
      FROM payments.fold_state f WHERE f.stream = 'inventory'
$$;

-- After a logical restore: everything so far belongs to closed epochs, the rows are rebuilt from all moves and all live reservations.
-- The locks keep out whoever is half-way: a reservation waits at the first table, a sale at the second.
CREATE FUNCTION payments.inventory_new_epoch() RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp SET jit = off AS $$
BEGIN
    PERFORM 1 FROM payments.fold_state f WHERE f.stream = 'inventory' FOR UPDATE;
    LOCK TABLE payments.inventory IN EXCLUSIVE MODE;
    LOCK TABLE payments.inv_moves IN EXCLUSIVE MODE;
    UPDATE payments.fold_state f
       SET epoch = f.epoch + 1, start = pg_snapshot_xmin(pg_current_snapshot()), w = pg_snapshot_xmin(pg_current_snapshot()),
           system_identifier = payments.cluster_id()
     WHERE f.stream = 'inventory';
    UPDATE payments.inventory i
       SET on_hand = coalesce((SELECT sum(m.d_on_hand) FROM payments.inv_moves m WHERE m.tenant_id = i.tenant_id AND m.sku = i.sku), 0),
           reserved = coalesce((SELECT sum(o.qty) FROM payments.orders o
                                 WHERE o.tenant_id = i.tenant_id AND o.sku = i.sku AND o.state = 'reserved'), 0),
           version = i.version + 1;
END $$;

-- The ledger's rule: every transaction below pg_snapshot_xmin has ended, so [w, xmin) is complete and each move is folded exactly once.
CREATE FUNCTION payments.fold_inventory(p_limit integer) RETURNS TABLE (folded bigint, skus bigint)
LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, pg_temp SET plan_cache_mode = force_generic_plan SET jit = off SET enable_seqscan = off AS $$
DECLARE
    s payments.fold_state;
    x xid8;
    v_cut xid8;
    v_n bigint;
    v_skus bigint := 0;
BEGIN
    IF nullif(current_setting('app.tenant', true), '') IS NOT NULL THEN
        RAISE EXCEPTION 'the fold spans all tenants: it runs with none set' USING ERRCODE = '42501';
    END IF;
    SELECT * INTO s FROM payments.fold_state f WHERE f.stream = 'inventory' FOR UPDATE;
    IF s.system_identifier <> payments.cluster_id() THEN
        PERFORM payments.inventory_new_epoch();
        RETURN QUERY SELECT 0::bigint, 0::bigint;
        RETURN;
    END IF;
    SELECT pg_snapshot_xmin(pg_current_snapshot()) INTO x;
    IF x <= s.w THEN RETURN QUERY SELECT 0::bigint, 0::bigint; RETURN; END IF;

    -- A backlog is cut at the border of a transaction, never inside one.
    SELECT m.xid INTO v_cut FROM payments.inv_moves m WHERE m.epoch = s.epoch AND m.xid >= s.w AND m.xid < x
     ORDER BY m.xid OFFSET p_limit LIMIT 1;
    IF FOUND THEN
        IF NOT EXISTS (SELECT 1 FROM payments.inv_moves m WHERE m.epoch = s.epoch AND m.xid >= s.w AND m.xid < v_cut) THEN
            SELECT coalesce(min(m.xid), x) INTO v_cut FROM payments.inv_moves m WHERE m.epoch = s.epoch AND m.xid > v_cut AND m.xid < x;
        END IF;
        x := v_cut;
    END IF;

    PERFORM 1 FROM payments.inventory i
      WHERE (i.tenant_id, i.sku) IN (SELECT m.tenant_id, m.sku FROM payments.inv_moves m WHERE m.epoch = s.epoch AND m.xid >= s.w AND m.xid < x)
      ORDER BY i.tenant_id, i.sku FOR NO KEY UPDATE;
    WITH moved AS (
        SELECT m.tenant_id, m.sku, count(*) AS n, sum(m.d_on_hand) AS d_on_hand, sum(m.d_reserved) AS d_reserved
          FROM payments.inv_moves m WHERE m.epoch = s.epoch AND m.xid >= s.w AND m.xid < x GROUP BY m.tenant_id, m.sku),
    applied AS (
        UPDATE payments.inventory i
           SET on_hand = i.on_hand + moved.d_on_hand, reserved = i.reserved + moved.d_reserved, version = i.version + 1
          FROM moved WHERE i.tenant_id = moved.tenant_id AND i.sku = moved.sku
        RETURNING moved.n)
    SELECT coalesce(sum(a.n), 0)::bigint, count(*) INTO v_n, v_skus FROM applied a;
    UPDATE payments.fold_state f SET w = x WHERE f.stream = 'inventory';
    RETURN QUERY SELECT v_n, v_skus;
END $$;

-- Ownership and rights ------------------------------------------------------------------------------------------------------------
GRANT CREATE ON SCHEMA payments TO rivermouth_ledger;
DO $$
DECLARE
    f record;
    v_open text[] := ARRAY['stock_open', 'stock_reserve', 'stock_release', 'stock_move', 'stock_exact'];
    v_engine text[] := ARRAY['fold_inventory', 'inventory_waits'];
BEGIN
    FOR f IN SELECT p.oid::regprocedure AS signature, p.proname::text AS name, p.prosecdef FROM pg_proc p
              WHERE p.pronamespace = 'payments'::regnamespace AND p.proname = ANY (v_open || v_engine || ARRAY['inventory_new_epoch']) LOOP
        EXECUTE format('REVOKE ALL ON FUNCTION %s FROM PUBLIC', f.signature);
        EXECUTE format('GRANT EXECUTE ON FUNCTION %s TO rivermouth_ledger', f.signature);
        IF f.name = ANY (v_open) THEN
            EXECUTE format('GRANT EXECUTE ON FUNCTION %s TO rivermouth_app, rivermouth_engine', f.signature);
        ELSIF f.name = ANY (v_engine) THEN
            EXECUTE format('GRANT EXECUTE ON FUNCTION %s TO rivermouth_engine', f.signature);
        END IF;
        IF f.prosecdef THEN EXECUTE format('ALTER FUNCTION %s OWNER TO rivermouth_ledger', f.signature); END IF;
    END LOOP;
END $$;
REVOKE CREATE ON SCHEMA payments FROM rivermouth_ledger;
