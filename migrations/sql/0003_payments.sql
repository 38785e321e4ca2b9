-- The ledger. Money tables are written by the functions below and by nothing else; the roles of the product may read them.
--
-- Signs: one signed amount per entry, plus increases what the account may spend; per journal and asset the sum is zero.
-- No overspend with late balances: every decrease of what may be spent is synchronous under the payer's row lock, every increase
-- may be late. estimate = posted - held (the row); exact = estimate + sum(amount - held_delta) over the entries not folded yet.
-- For a guarded account each of those terms is >= 0, so the row can only under-estimate.
-- Lock order: hold row, balances by account id, keys ascending. fold_state is locked by the folder alone.
CREATE SCHEMA payments;
GRANT USAGE ON SCHEMA payments TO rivermouth_app, rivermouth_engine, rivermouth_ledger;

CREATE TABLE payments.assets (
    asset_id smallint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    code text NOT NULL UNIQUE CHECK (length(code) BETWEEN 1 AND 32),
    scale smallint NOT NULL CHECK (scale BETWEEN 0 AND 18)
);
INSERT INTO payments.assets (code, scale) VALUES ('USDT', 6), ('BTC', 8), ('ETH', 8), ('USDC', 6), ('BNB', 8);
GRANT SELECT ON payments.assets TO rivermouth_app, rivermouth_engine, rivermouth_ledger;

-- Not touched on the hot path and never deleted.
CREATE TABLE payments.accounts (
    account_id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    tenant_id uuid NOT NULL,
    realm text NOT NULL CHECK (realm IN ('DEMO', 'REAL')),
    asset_id smallint NOT NULL REFERENCES payments.assets,
    kind text NOT NULL CHECK (kind IN
        ('customer', 'house', 'revenue', 'expense', 'custody', 'external', 'in_transit', 'receivable', 'pool', 'suspense')),
    path text NOT NULL CHECK (length(path) BETWEEN 1 AND 200),
    owner uuid,
    guarded boolean NOT NULL,
    normal_side text NOT NULL CHECK (normal_side IN ('credit', 'debit')),
    status text NOT NULL DEFAULT 'open' CHECK (status IN ('open', 'frozen', 'closed')),
    opened_at timestamptz NOT NULL,
    UNIQUE (tenant_id, realm, path),
    CHECK (kind <> 'customer' OR (guarded AND owner IS NOT NULL))
);
CREATE INDEX accounts_of_owner ON payments.accounts (tenant_id, owner) WHERE owner IS NOT NULL;
-- Almost nothing stands in it: posting asks it whether any of its accounts is frozen or closed.
CREATE INDEX accounts_not_open ON payments.accounts (account_id) WHERE status <> 'open';

-- The projection. posted and held are wider than one amount: a sum must never stop the fold. No CHECK posted - held >= floor: a hold granted from the tail makes it negative until the fold.
CREATE TABLE payments.balances (
    account_id bigint PRIMARY KEY REFERENCES payments.accounts,
    tenant_id uuid NOT NULL,
    guarded boolean NOT NULL,
    floor kernel.amount NOT NULL DEFAULT 0 CHECK (floor <= 0),
    posted numeric NOT NULL DEFAULT 0,
    held numeric NOT NULL DEFAULT 0 CHECK (held >= 0),
    version bigint NOT NULL DEFAULT 0
) WITH (fillfactor = 70);

-- Kept for ever. `s/` keys are the product's own and stand under the system principal, so that whoever triggers a payment meets
-- the same key; a client cannot write one.
CREATE TABLE payments.journal_keys (
    tenant_id uuid NOT NULL,
    principal_id uuid NOT NULL,
    key text COLLATE "C" NOT NULL CHECK (length(key) BETWEEN 3 AND 300),
    fp bytea NOT NULL CHECK (length(fp) = 32),
    journal_id uuid NOT NULL,
    PRIMARY KEY (tenant_id, principal_id, key),
    CHECK (key LIKE 's/%' OR key LIKE 'c/%'),
    CHECK ((key LIKE 's/%') = (principal_id = '00000000-0000-0000-0000-000000000000'))
) PARTITION BY HASH (key);
CREATE INDEX journal_keys_of_journal ON payments.journal_keys (journal_id);

-- journal_id is a uuidv7: time-sortable, so monthly partitions by its bounds need no further column. Its time is not the booked time.
-- A journal and its entries share the id and so the month.
CREATE TABLE payments.journals (
    journal_id uuid PRIMARY KEY,
    tenant_id uuid NOT NULL,
    realm text NOT NULL CHECK (realm IN ('DEMO', 'REAL')),
    kind text NOT NULL CHECK (length(kind) BETWEEN 1 AND 64),
    order_id uuid,
    reverses uuid,
    booked_at timestamptz NOT NULL,
    effective_at timestamptz,
    actor text,
    meta jsonb NOT NULL DEFAULT '{}'
) PARTITION BY RANGE (journal_id);
CREATE INDEX journals_of_order ON payments.journals (order_id) WHERE order_id IS NOT NULL;

-- No foreign keys: head and lines are written by one function, which has looked up each account, accounts are never deleted, and an
-- invariant counts orphans. The one to accounts took a fifth of what a posting costs the server.
CREATE TABLE payments.entries (
    journal_id uuid NOT NULL,
    line smallint NOT NULL CHECK (line > 0),
    tenant_id uuid NOT NULL,
    account_id bigint NOT NULL,
    asset_id smallint NOT NULL,
    amount kernel.amount NOT NULL CHECK (amount <> 0),
    held_delta kernel.amount NOT NULL DEFAULT 0 CHECK (held_delta <= 0),
    hold_id uuid,
    epoch smallint NOT NULL,
    xid xid8 NOT NULL DEFAULT pg_current_xact_id(),
    PRIMARY KEY (journal_id, line)
) PARTITION BY RANGE (journal_id);
CREATE INDEX entries_order ON payments.entries (epoch, xid);
CREATE INDEX entries_of_account ON payments.entries (account_id, epoch, xid);
CREATE INDEX entries_of_hold ON payments.entries (hold_id) WHERE hold_id IS NOT NULL;

-- captured: paid out by entries. freed: handed back by the entry of the last capture. What a void or an expiry hands back is
-- taken from the balances row at once and needs no column.
CREATE TABLE payments.holds (
    hold_id uuid PRIMARY KEY,
    tenant_id uuid NOT NULL,
    account_id bigint NOT NULL REFERENCES payments.accounts,
    amount kernel.amount NOT NULL CHECK (amount > 0),
    captured kernel.amount NOT NULL DEFAULT 0 CHECK (captured >= 0),
    freed kernel.amount NOT NULL DEFAULT 0 CHECK (freed >= 0),
    kind text NOT NULL CHECK (kind IN ('order', 'withdrawal', 'collateral', 'margin', 'stake', 'subscription')),
    reference text NOT NULL,
    state text NOT NULL DEFAULT 'open' CHECK (state IN ('open', 'captured', 'voided', 'expired')),
    order_id uuid,
    opened_at timestamptz NOT NULL,
    expires_at timestamptz,
    capture_at timestamptz,
    CHECK (captured + freed <= amount),
    CHECK (state <> 'open' OR (captured < amount AND freed = 0)),
    CHECK (state NOT IN ('voided', 'expired') OR captured = 0)
) WITH (fillfactor = 80);
CREATE INDEX holds_due ON payments.holds (expires_at) WHERE state = 'open' AND expires_at IS NOT NULL;
CREATE INDEX holds_open ON payments.holds (account_id) WHERE state = 'open';
CREATE INDEX holds_of_order ON payments.holds (order_id) WHERE order_id IS NOT NULL;

-- The counter of transactions belongs to one cluster, and so does everything that is counted by it.
CREATE FUNCTION payments.cluster_id() RETURNS bigint LANGUAGE sql STABLE SET search_path = pg_catalog AS $$
    SELECT system_identifier FROM pg_control_system()
$$;

-- The smallest uuidv7 of a moment.
CREATE FUNCTION payments.uuid_floor(p_at timestamptz) RETURNS uuid LANGUAGE sql IMMUTABLE SET search_path = pg_catalog AS $$
    SELECT (lpad(to_hex(floor(extract(epoch FROM p_at) * 1000)::bigint), 12, '0') || '00000000000000000000')::uuid
$$;

-- w: every transaction below it has ended and is in the balances. start: where the epoch began. tail_from: no entry at or above w
-- has a smaller journal_id; it lets the tail skip the partitions of old months, and it trails by a day. The fold never uses it.
-- archived_before: journals below it have left the tables for an archive.
CREATE TABLE payments.fold_state (
    stream text PRIMARY KEY CHECK (stream IN ('ledger', 'inventory')),
    epoch smallint NOT NULL,
    start xid8 NOT NULL,
    w xid8 NOT NULL,
    system_identifier bigint NOT NULL DEFAULT payments.cluster_id(),
    tail_from uuid NOT NULL DEFAULT '00000000-0000-0000-0000-000000000000',
    archived_before uuid NOT NULL DEFAULT '00000000-0000-0000-0000-000000000000'
);
INSERT INTO payments.fold_state
SELECT 'ledger', 1, pg_snapshot_xmin(pg_current_snapshot()), pg_snapshot_xmin(pg_current_snapshot());
GRANT SELECT ON payments.fold_state TO rivermouth_app, rivermouth_engine;
GRANT SELECT, UPDATE ON payments.fold_state TO rivermouth_ledger;

-- One hash chain over all tenants. A tenant may see the chain, but not the sums of the others.
CREATE TABLE payments.seals (
    seal_no bigint PRIMARY KEY CHECK (seal_no > 0),
    epoch smallint NOT NULL,
    xid_from xid8 NOT NULL,
    xid_to xid8 NOT NULL,
    n bigint NOT NULL CHECK (n > 0),
    sums jsonb NOT NULL,
    prev bytea NOT NULL,
    hash bytea NOT NULL,
    sealed_at timestamptz NOT NULL,
    CHECK (xid_from < xid_to)
);
CREATE UNIQUE INDEX seals_range ON payments.seals (epoch, xid_from);
CREATE INDEX seals_when ON payments.seals (sealed_at, seal_no);
GRANT SELECT (seal_no, epoch, xid_from, xid_to, n, prev, hash, sealed_at) ON payments.seals TO rivermouth_app;
GRANT SELECT ON payments.seals TO rivermouth_engine;
GRANT SELECT, INSERT ON payments.seals TO rivermouth_ledger;

-- What a seal's hash is made of: one leaf of 50 bytes per entry, in the order of the seal: journal_id, line, sha256 of the row. They
-- let the verifier name the row that differs, and they outlive a month that was archived.
CREATE TABLE payments.seal_leaves (
    seal_no bigint PRIMARY KEY,
    leaves bytea NOT NULL CHECK (length(leaves) % 50 = 0)
);
ALTER TABLE payments.seal_leaves ALTER COLUMN leaves SET STORAGE EXTERNAL;
GRANT SELECT ON payments.seal_leaves TO rivermouth_engine;
GRANT SELECT, INSERT ON payments.seal_leaves TO rivermouth_ledger;

CALL kernel.protect('payments.accounts', app => 'SELECT', engine => 'SELECT');
CALL kernel.protect('payments.balances', app => 'SELECT', engine => 'SELECT');
CALL kernel.protect('payments.journal_keys', app => 'SELECT', engine => 'SELECT');
CALL kernel.protect('payments.journals', app => 'SELECT', engine => 'SELECT');
CALL kernel.protect('payments.entries', app => 'SELECT', engine => 'SELECT');
CALL kernel.protect('payments.holds', app => 'SELECT', engine => 'SELECT');
GRANT SELECT, INSERT, UPDATE ON payments.accounts, payments.balances, payments.holds TO rivermouth_ledger;
GRANT SELECT, INSERT ON payments.journal_keys, payments.journals, payments.entries TO rivermouth_ledger;

-- The owner of the functions sees one tenant like everybody else; all tenants only when the engine asks without naming one (the fold).
CREATE POLICY fold ON payments.balances TO rivermouth_ledger
    USING ((SELECT nullif(current_setting('app.tenant', true), '') IS NULL AND pg_has_role(session_user, 'rivermouth_engine', 'MEMBER')));
CREATE POLICY fold ON payments.entries FOR SELECT TO rivermouth_ledger
    USING ((SELECT nullif(current_setting('app.tenant', true), '') IS NULL AND pg_has_role(session_user, 'rivermouth_engine', 'MEMBER')));
CREATE POLICY fold ON payments.journals FOR SELECT TO rivermouth_ledger
    USING ((SELECT nullif(current_setting('app.tenant', true), '') IS NULL AND pg_has_role(session_user, 'rivermouth_engine', 'MEMBER')));

-- Append-only, whatever the columns and whoever asks.
CREATE FUNCTION payments.refuse_change() RETURNS trigger LANGUAGE plpgsql SET search_path = pg_catalog AS $$
BEGIN
    RAISE EXCEPTION '% on %.% is refused: the table is append-only', TG_OP, TG_TABLE_SCHEMA, TG_TABLE_NAME USING ERRCODE = '42501';
END $$;
DO $$
DECLARE target text;
BEGIN
    FOREACH target IN ARRAY ARRAY['journals', 'entries', 'seals', 'seal_leaves', 'journal_keys'] LOOP
        EXECUTE format('CREATE TRIGGER append_only BEFORE UPDATE OR DELETE ON payments.%I
                        FOR EACH ROW EXECUTE FUNCTION payments.refuse_change()', target);
        EXECUTE format('CREATE TRIGGER no_truncate BEFORE TRUNCATE ON payments.%I
                        FOR EACH STATEMENT EXECUTE FUNCTION payments.refuse_change()', target);
    END LOOP;
END $$;

CREATE TRIGGER no_delete BEFORE DELETE ON payments.accounts FOR EACH ROW EXECUTE FUNCTION payments.refuse_change();

-- A dump restored into another cluster meets a counter of transactions that began again. What would be written below the horizon there
-- would count as folded although it is not, so it is refused until the folder has opened a new epoch.
CREATE FUNCTION payments.refuse_if_restored() RETURNS trigger LANGUAGE plpgsql SET search_path = pg_catalog AS $$
BEGIN
    IF pg_current_xact_id() < (SELECT f.w FROM payments.fold_state f WHERE f.stream = 'ledger') THEN
        RAISE EXCEPTION 'the ledger was restored: the folder must open a new epoch first' USING ERRCODE = 'RM002';
    END IF;
    RETURN NULL;
END $$;
CREATE TRIGGER restored AFTER INSERT ON payments.entries FOR EACH STATEMENT EXECUTE FUNCTION payments.refuse_if_restored();

-- Partitions ----------------------------------------------------------------------------------------------------------------------

-- What a partition has of its own: the trigger against TRUNCATE (that of the parent does not fire for a partition), and row-level
-- security without any policy, so that it is reached through its parent only. Row triggers come with the attachment.
CREATE PROCEDURE payments.guard_partition(p_partition regclass) LANGUAGE plpgsql SET search_path = pg_catalog AS $$
BEGIN
    EXECUTE format('CREATE TRIGGER no_truncate BEFORE TRUNCATE ON %s FOR EACH STATEMENT EXECUTE FUNCTION payments.refuse_change()', p_partition);
    EXECUTE format('ALTER TABLE %s ENABLE ROW LEVEL SECURITY', p_partition);
    EXECUTE format('ALTER TABLE %s FORCE ROW LEVEL SECURITY', p_partition);
END $$;

-- The months from the one of p_from to p_ahead months after the present one, in UTC and wall time, as the ids are. Made apart and then
-- attached, which stops nobody; a lock that is not there soon is given up, for this is asked again.
CREATE FUNCTION payments.make_partitions(p_ahead integer, p_from timestamptz DEFAULT clock_timestamp()) RETURNS SETOF text
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp SET lock_timeout = '2s' AS $$
DECLARE
    v_parent text;
    v_name text;
    v_start timestamp;
    v_last timestamp := date_trunc('month', clock_timestamp() AT TIME ZONE 'UTC') + make_interval(months => p_ahead);
BEGIN
    FOREACH v_parent IN ARRAY ARRAY['journals', 'entries'] LOOP
        v_start := date_trunc('month', p_from AT TIME ZONE 'UTC');
        WHILE v_start <= v_last LOOP
            v_name := v_parent || to_char(v_start, '"_y"YYYY"m"MM');
            IF to_regclass('payments.' || v_name) IS NULL THEN
                EXECUTE format('CREATE TABLE payments.%I (LIKE payments.%I INCLUDING ALL)', v_name, v_parent);
                EXECUTE format('ALTER TABLE payments.%I ATTACH PARTITION payments.%I FOR VALUES FROM (%L) TO (%L)', v_parent, v_name,
                               payments.uuid_floor(v_start AT TIME ZONE 'UTC'),
                               payments.uuid_floor((v_start + interval '1 month') AT TIME ZONE 'UTC'));
                CALL payments.guard_partition(('payments.' || v_name)::regclass);
                RETURN NEXT v_name;
            END IF;
            v_start := v_start + interval '1 month';
        END LOOP;
    END LOOP;
END $$;

DO $$
BEGIN
    FOR part IN 0 .. 3 LOOP
        EXECUTE format('CREATE TABLE payments.journal_keys_h%s PARTITION OF payments.journal_keys FOR VALUES WITH (MODULUS 4, REMAINDER %s)',
                       part, part);
        CALL payments.guard_partition(('payments.journal_keys_h' || part)::regclass);
    END LOOP;
    PERFORM payments.make_partitions(2);
END $$;

CREATE FUNCTION payments.tenant() RETURNS uuid LANGUAGE plpgsql STABLE SET search_path = pg_catalog AS $$
DECLARE v_tenant uuid := nullif(current_setting('app.tenant', true), '')::uuid;
BEGIN
    IF v_tenant IS NULL THEN RAISE EXCEPTION 'money is moved inside a transaction of one tenant' USING ERRCODE = '42501'; END IF;
    RETURN v_tenant;
END $$;

-- What accounts hold now: the row and the un-folded tail, seen by one statement and so in one snapshot.
CREATE FUNCTION payments.exact(p_accounts bigint[])
RETURNS TABLE (account_id bigint, posted numeric, held numeric, floor numeric, guarded boolean)
LANGUAGE sql STABLE SET search_path = pg_catalog SET enable_seqscan = off SET jit = off AS $$
    SELECT b.account_id, b.posted + tail.amount, b.held + tail.held_delta, b.floor::numeric, b.guarded
      FROM payments.balances b
      CROSS JOIN payments.fold_state f
      CROSS JOIN LATERAL (
          SELECT coalesce(sum(e.amount), 0) AS amount, coalesce(sum(e.held_delta), 0) AS held_delta
            FROM payments.entries e
           WHERE e.account_id = b.account_id AND (e.epoch, e.xid) >= (f.epoch, f.w) AND e.journal_id >= f.tail_from) tail
     WHERE b.account_id = ANY (p_accounts) AND f.stream = 'ledger'
$$;

-- How many entries wait for the fold (counted up to a limit), and when the first of them was made.
CREATE FUNCTION payments.waiting(p_limit integer) RETURNS TABLE (entries bigint, oldest timestamptz)
LANGUAGE sql STABLE SET search_path = pg_catalog SET enable_seqscan = off SET jit = off AS $$
    SELECT count(*), min(uuid_extract_timestamp(t.journal_id))
      FROM (SELECT e.journal_id FROM payments.entries e, payments.fold_state f
             WHERE f.stream = 'ledger' AND e.epoch = f.epoch AND e.xid >= f.w ORDER BY e.xid LIMIT p_limit) t
$$;

-- Accounts ------------------------------------------------------------------------------------------------------------------------

CREATE FUNCTION payments.account_open(
    p_realm text, p_asset text, p_kind text, p_path text, p_owner uuid, p_guarded boolean, p_floor numeric, p_normal_side text
) RETURNS TABLE (status text, account_id bigint)
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    v_tenant uuid := payments.tenant();
    v_floor kernel.amount := p_floor;
    v_asset payments.assets;
    v_id bigint;
    v_same boolean;
BEGIN
    SELECT * INTO v_asset FROM payments.assets WHERE code = p_asset;
    IF NOT FOUND THEN RETURN QUERY SELECT 'asset_unknown', NULL::bigint; RETURN; END IF;
    IF v_floor <> round(v_floor, v_asset.scale) THEN RETURN QUERY SELECT 'amount_too_fine', NULL::bigint; RETURN; END IF;
    INSERT INTO payments.accounts AS a (tenant_id, realm, asset_id, kind, path, owner, guarded, normal_side, opened_at)
    VALUES (v_tenant, p_realm, v_asset.asset_id, p_kind, p_path, p_owner, p_guarded, p_normal_side, kernel.business_now())
    ON CONFLICT (tenant_id, realm, path) DO NOTHING
    RETURNING a.account_id INTO v_id;
    IF FOUND THEN
        INSERT INTO payments.balances (account_id, tenant_id, guarded, floor) VALUES (v_id, v_tenant, p_guarded, v_floor);
        RETURN QUERY SELECT 'ok', v_id;
        RETURN;
    END IF;
    SELECT a.account_id, (a.asset_id, a.kind, a.owner, a.guarded, a.normal_side)
               IS NOT DISTINCT FROM (v_asset.asset_id, p_kind, p_owner, p_guarded, p_normal_side)
      INTO v_id, v_same
      FROM payments.accounts a WHERE a.tenant_id = v_tenant AND a.realm = p_realm AND a.path = p_path;
    RETURN QUERY SELECT CASE WHEN v_same THEN 'ok' ELSE 'account_different' END, v_id;
END $$;

-- Freezing, closing and cutting a credit line lock the balances row first; posting reads status and floor after its own lock.
CREATE FUNCTION payments.account_set_status(p_account bigint, p_status text) RETURNS text
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    v_tenant uuid := payments.tenant();
    v_now text;
    v_empty boolean;
BEGIN
    PERFORM 1 FROM payments.balances b WHERE b.account_id = p_account AND b.tenant_id = v_tenant FOR UPDATE;
    IF NOT FOUND THEN RETURN 'account_not_found'; END IF;
    SELECT a.status INTO v_now FROM payments.accounts a WHERE a.account_id = p_account;
    IF v_now = p_status THEN RETURN 'ok'; END IF;
    -- A credit locks nobody, so one may have committed after its account was seen empty: that account can be opened again.
    SELECT x.posted = 0 AND x.held = 0 INTO v_empty FROM payments.exact(ARRAY[p_account]) x;
    IF v_now = 'closed' AND v_empty THEN RETURN 'account_closed'; END IF;
    IF p_status = 'closed' AND NOT v_empty THEN RETURN 'account_not_empty'; END IF;
    UPDATE payments.accounts SET status = p_status WHERE account_id = p_account;
    RETURN 'ok';
END $$;

CREATE FUNCTION payments.account_set_floor(p_account bigint, p_floor numeric) RETURNS text
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    v_tenant uuid := payments.tenant();
    v_floor kernel.amount := p_floor;
    v_scale smallint;
BEGIN
    PERFORM 1 FROM payments.balances b WHERE b.account_id = p_account AND b.tenant_id = v_tenant FOR NO KEY UPDATE;
    IF NOT FOUND THEN RETURN 'account_not_found'; END IF;
    SELECT s.scale INTO v_scale FROM payments.accounts a JOIN payments.assets s USING (asset_id) WHERE a.account_id = p_account;
    IF v_floor <> round(v_floor, v_scale) THEN RETURN 'amount_too_fine'; END IF;
    IF EXISTS (SELECT 1 FROM payments.exact(ARRAY[p_account]) x WHERE x.guarded AND x.posted - x.held < v_floor) THEN
        RETURN 'insufficient_funds';
    END IF;
    UPDATE payments.balances SET floor = v_floor, version = version + 1 WHERE account_id = p_account;
    RETURN 'ok';
END $$;

-- Holds ---------------------------------------------------------------------------------------------------------------------------

CREATE FUNCTION payments.hold_open(
    p_hold uuid, p_account bigint, p_amount numeric, p_kind text, p_reference text, p_order uuid, p_expires_at timestamptz
) RETURNS TABLE (status text, available numeric)
LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, pg_temp SET plan_cache_mode = force_generic_plan SET jit = off SET enable_seqscan = off AS $$
DECLARE
    v_tenant uuid := payments.tenant();
    v_amount kernel.amount := p_amount;
    v_account record;
    v_available numeric;
BEGIN
    PERFORM 1 FROM payments.balances b WHERE b.account_id = p_account AND b.tenant_id = v_tenant FOR NO KEY UPDATE;
    SELECT a.status, s.scale, b.guarded, b.posted - b.held - b.floor AS spendable INTO v_account
      FROM payments.accounts a JOIN payments.assets s USING (asset_id) JOIN payments.balances b USING (account_id)
     WHERE a.account_id = p_account AND a.tenant_id = v_tenant;
    IF NOT FOUND THEN RETURN QUERY SELECT 'account_not_found', NULL::numeric; RETURN; END IF;
    IF v_amount <> round(v_amount, v_account.scale) THEN RETURN QUERY SELECT 'amount_too_fine', NULL::numeric; RETURN; END IF;
    IF v_account.status <> 'open' THEN RETURN QUERY SELECT 'account_' || v_account.status, NULL::numeric; RETURN; END IF;
    IF v_account.guarded AND v_account.spendable < v_amount THEN
        SELECT x.posted - x.held - x.floor INTO v_available FROM payments.exact(ARRAY[p_account]) x;
        IF v_available < v_amount THEN RETURN QUERY SELECT 'insufficient_funds', v_available; RETURN; END IF;
    END IF;
    UPDATE payments.balances SET held = held + v_amount, version = version + 1 WHERE account_id = p_account;
    INSERT INTO payments.holds (hold_id, tenant_id, account_id, amount, kind, reference, order_id, opened_at, expires_at)
    VALUES (p_hold, v_tenant, p_account, v_amount, p_kind, p_reference, p_order, kernel.business_now(), p_expires_at);
    RETURN QUERY SELECT 'ok', NULL::numeric;
END $$;

-- A capture moves no balance: the caller posts an entry (-amount, held_delta) with the hold's id in the same transaction.
CREATE FUNCTION payments.hold_capture(p_hold uuid, p_amount numeric, p_release_rest boolean)
RETURNS TABLE (status text, account_id bigint, held_delta numeric)
LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, pg_temp SET plan_cache_mode = force_generic_plan SET jit = off SET enable_seqscan = off AS $$
DECLARE
    v_tenant uuid := payments.tenant();
    v_amount kernel.amount := p_amount;
    v_hold record;
BEGIN
    IF v_amount <= 0 THEN RAISE EXCEPTION 'a capture takes a positive amount' USING ERRCODE = '22023'; END IF;
    SELECT h.*, s.scale, h.amount - h.captured AS remainder INTO v_hold
      FROM payments.holds h JOIN payments.accounts a USING (account_id) JOIN payments.assets s USING (asset_id)
     WHERE h.hold_id = p_hold AND h.tenant_id = v_tenant FOR NO KEY UPDATE OF h;
    IF NOT FOUND THEN RETURN QUERY SELECT 'hold_not_found', NULL::bigint, NULL::numeric; RETURN; END IF;
    IF v_amount <> round(v_amount, v_hold.scale) THEN RETURN QUERY SELECT 'amount_too_fine', NULL::bigint, NULL::numeric; RETURN; END IF;
    IF v_hold.state <> 'open' THEN RETURN QUERY SELECT 'hold_not_open', NULL::bigint, NULL::numeric; RETURN; END IF;
    IF v_hold.expires_at <= kernel.business_now() THEN RETURN QUERY SELECT 'hold_expired', NULL::bigint, NULL::numeric; RETURN; END IF;
    IF v_amount > v_hold.remainder THEN RETURN QUERY SELECT 'capture_exceeds_hold', NULL::bigint, NULL::numeric; RETURN; END IF;
    UPDATE payments.holds h
       SET captured = h.captured + v_amount,
           freed = CASE WHEN p_release_rest THEN v_hold.remainder - v_amount ELSE 0 END,
           state = CASE WHEN p_release_rest OR v_amount = v_hold.remainder THEN 'captured' ELSE 'open' END
     WHERE h.hold_id = p_hold;
    RETURN QUERY SELECT 'ok', v_hold.account_id, -CASE WHEN p_release_rest THEN v_hold.remainder ELSE v_amount::numeric END;
END $$;

-- End an open hold and hand back what was not captured, at once. p_as: 'voided', or 'expired' once its time has passed.
CREATE FUNCTION payments.hold_release(p_hold uuid, p_as text) RETURNS TABLE (status text, released numeric)
LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, pg_temp SET plan_cache_mode = force_generic_plan SET jit = off SET enable_seqscan = off AS $$
DECLARE
    v_tenant uuid := payments.tenant();
    v_hold payments.holds;
    v_rest numeric;
BEGIN
    IF p_as NOT IN ('voided', 'expired') THEN RAISE EXCEPTION 'a hold cannot become %', p_as USING ERRCODE = '22023'; END IF;
    SELECT h.* INTO v_hold FROM payments.holds h WHERE h.hold_id = p_hold AND h.tenant_id = v_tenant FOR NO KEY UPDATE;
    IF NOT FOUND THEN RETURN QUERY SELECT 'hold_not_found', NULL::numeric; RETURN; END IF;
    IF v_hold.state <> 'open' THEN RETURN QUERY SELECT 'ok', 0::numeric; RETURN; END IF;
    IF p_as = 'expired' AND (v_hold.expires_at IS NULL OR v_hold.expires_at > kernel.business_now()) THEN
        RETURN QUERY SELECT 'hold_not_due', NULL::numeric; RETURN;
    END IF;
    v_rest := v_hold.amount - v_hold.captured;
    UPDATE payments.balances b SET held = b.held - v_rest, version = b.version + 1 WHERE b.account_id = v_hold.account_id;
    UPDATE payments.holds h SET state = CASE WHEN h.captured > 0 THEN 'captured' ELSE p_as END WHERE h.hold_id = p_hold;
    RETURN QUERY SELECT 'ok', v_rest;
END $$;

-- Posting -------------------------------------------------------------------------------------------------------------------------
-- Lines travel as parallel arrays; the type below gives them names inside the functions that only the rarer cases need.
CREATE TYPE payments.line AS (item integer, account bigint, amount kernel.amount, held kernel.amount, hold uuid);

-- What guarded accounts must pay without a hold, per item.
CREATE FUNCTION payments.needs(p_lines payments.line[], p_status text[]) RETURNS TABLE (item integer, account bigint, need numeric)
LANGUAGE sql STABLE SET search_path = pg_catalog AS $$
    SELECT l.item, l.account, -sum(l.amount)
      FROM unnest(p_lines) l JOIN payments.balances b ON b.account_id = l.account
     WHERE b.guarded AND l.amount < 0 AND l.hold IS NULL AND p_status[l.item] = 'ok'
     GROUP BY l.item, l.account
$$;

-- Step 4, the slow half: some payer looks short. Take the exact value once, then serve the items in their order, so that one poor
-- payer fails only the items it cannot pay.
CREATE FUNCTION payments.serve_in_order(p_lines payments.line[], p_status text[]) RETURNS text[]
LANGUAGE plpgsql STABLE SET search_path = pg_catalog AS $$
DECLARE
    v_status text[] := p_status;
    v_accounts bigint[];
    v_left numeric[];
    r record;
BEGIN
    SELECT array_agg(x.account_id ORDER BY x.account_id), array_agg(x.posted - x.held - x.floor ORDER BY x.account_id)
      INTO v_accounts, v_left
      FROM payments.exact(ARRAY(SELECT DISTINCT n.account FROM payments.needs(p_lines, p_status) n)) x;
    FOR r IN SELECT n.item, array_agg(array_position(v_accounts, n.account)) AS places, array_agg(n.need) AS needs
               FROM payments.needs(p_lines, p_status) n GROUP BY n.item ORDER BY n.item
    LOOP
        IF EXISTS (SELECT 1 FROM unnest(r.places, r.needs) AS t (place, need) WHERE v_left[t.place] < t.need) THEN
            v_status[r.item] := 'insufficient_funds';
        ELSE
            FOR i IN 1 .. cardinality(r.places) LOOP
                v_left[r.places[i]] := v_left[r.places[i]] - r.needs[i];
            END LOOP;
        END IF;
    END LOOP;
    RETURN v_status;
END $$;

-- A line with a hold takes no lock: its hold must have been captured before, in this transaction, by exactly these lines.
CREATE FUNCTION payments.check_captures(p_lines payments.line[], p_status text[]) RETURNS void
LANGUAGE plpgsql STABLE SET search_path = pg_catalog AS $$
DECLARE v_bad uuid;
BEGIN
    SELECT n.hold INTO v_bad
      FROM (SELECT l.hold, l.account, coalesce(sum(l.amount) FILTER (WHERE p_status[l.item] = 'ok'), 0) AS amount,
                   coalesce(sum(l.held) FILTER (WHERE p_status[l.item] = 'ok'), 0) AS held
              FROM unnest(p_lines) l
             WHERE l.hold IS NOT NULL AND p_status[l.item] IN ('ok', 'exists') GROUP BY l.hold, l.account) n
      LEFT JOIN payments.holds h ON h.hold_id = n.hold AND h.account_id = n.account
      CROSS JOIN LATERAL (SELECT coalesce(sum(e.amount), 0) AS amount, coalesce(sum(e.held_delta), 0) AS held
                            FROM payments.entries e WHERE e.hold_id = n.hold) booked
     WHERE h.hold_id IS NULL OR h.captured <> -(booked.amount + n.amount) OR h.captured + h.freed <> -(booked.held + n.held)
     LIMIT 1;
    IF FOUND THEN
        RAISE EXCEPTION 'hold % was not captured by exactly these lines', v_bad USING ERRCODE = 'RM001';
    END IF;
END $$;

-- One journal is a batch of one. p_atomic: a refused item refuses the whole request and nothing is written; otherwise the refused
-- items are left out. A refused item leaves no key and may be tried again.
CREATE FUNCTION payments.post_batch(
    p_atomic boolean, p_principals uuid[], p_keys text[], p_fps bytea[], p_realms text[], p_kinds text[], p_orders uuid[],
    p_reverses uuid[], p_effective timestamptz[], p_actors text[], p_metas text[],
    p_items integer[], p_accounts bigint[], p_amounts numeric[], p_held numeric[], p_holds uuid[]
) RETURNS TABLE (item integer, status text, journal_id uuid)
LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, pg_temp SET plan_cache_mode = force_generic_plan SET jit = off SET enable_seqscan = off AS $$
DECLARE
    v_tenant uuid := payments.tenant();
    v_now timestamptz := kernel.business_now();
    v_amounts kernel.amount[] := p_amounts;
    v_held kernel.amount[] := p_held;
    v_lines payments.line[];
    v_status text[];
    v_ids uuid[] := ARRAY(SELECT uuidv7() FROM generate_subscripts(p_keys, 1));
    v_pays boolean[];
    v_refusals text[];
    v_assets smallint[];
    v_payers bigint[];
    v_needs numeric[];
    v_left numeric[];
    v_holds boolean := array_remove(p_holds, NULL) <> '{}';
    v_short boolean;
    v_written bigint;
    r record;
BEGIN
    -- Twins inside one batch would wait for each other in step 5 for ever.
    IF cardinality(p_keys) > 1 AND EXISTS (
        SELECT 1 FROM unnest(p_principals, p_keys) AS t (principal, key) GROUP BY t.principal, t.key HAVING count(*) > 1) THEN
        RAISE EXCEPTION 'a key stands twice in one batch' USING ERRCODE = '22023';
    END IF;

    -- 1. rules: each line beside its account and asset, then the sums. An item without lines is unbalanced.
    SELECT array_agg(l.asset_id), array_agg(l.held), array_agg(l.pays), array_agg(l.refusal)
      INTO v_assets, v_held, v_pays, v_refusals
      FROM (SELECT a.asset_id, p.pays, CASE WHEN p.pays THEN t.amount ELSE t.held END AS held,
                   CASE WHEN a.asset_id IS NULL THEN 'account_not_found'
                        WHEN a.realm <> p_realms[t.item] THEN 'realm_mismatch'
                        WHEN CASE WHEN t.hold IS NULL THEN t.held <> 0 ELSE t.amount > 0 OR t.held > t.amount END THEN 'hold_mismatch'
                        WHEN t.amount <> round(t.amount, s.scale) OR t.held <> round(t.held, s.scale) THEN 'amount_too_fine' END AS refusal
              FROM unnest(p_items, p_accounts, v_amounts, v_held, p_holds) WITH ORDINALITY AS t (item, account, amount, held, hold, n)
              LEFT JOIN LATERAL (SELECT a.asset_id, a.realm, a.guarded FROM payments.accounts a WHERE a.account_id = t.account LIMIT 1) a ON true
              LEFT JOIN payments.assets s ON s.asset_id = a.asset_id
              CROSS JOIN LATERAL (SELECT coalesce(a.guarded AND t.amount < 0 AND t.hold IS NULL, false) AS pays) p
             ORDER BY t.n) l;
    v_status := array_fill('ok'::text, ARRAY[cardinality(p_keys)]);
    FOR r IN
        SELECT i.item FROM generate_subscripts(p_keys, 1) i (item)
        EXCEPT
        SELECT g.item
          FROM (SELECT t.item, count(*) AS lines, sum(t.amount) AS total
                  FROM unnest(p_items, v_assets, v_amounts) AS t (item, asset, amount) GROUP BY t.item, t.asset) g
         GROUP BY g.item HAVING sum(g.lines) >= 2 AND bool_and(g.total = 0)
    LOOP
        v_status[r.item] := 'unbalanced';
    END LOOP;
    IF array_remove(v_refusals, NULL) <> '{}' THEN
        FOR r IN
            SELECT t.item, (array_agg(t.refusal ORDER BY array_position(ARRAY['account_not_found', 'realm_mismatch', 'hold_mismatch'], t.refusal)))[1]
                       AS refusal
              FROM unnest(p_items, v_refusals) AS t (item, refusal) WHERE t.refusal IS NOT NULL GROUP BY t.item
        LOOP
            v_status[r.item] := r.refusal;
        END LOOP;
    END IF;
    SELECT array_agg(n.account), array_agg(n.need) INTO v_payers, v_needs
      FROM (SELECT t.account, -sum(t.amount) AS need FROM unnest(p_accounts, v_amounts, v_pays) AS t (account, amount, pays)
             WHERE t.pays GROUP BY t.account ORDER BY t.account) n;

    -- 2. lock the payers, sorted; what a locked row says is its newest version
    SELECT array_agg(b.spendable) INTO v_left
      FROM (SELECT b.posted - b.held - b.floor AS spendable FROM payments.balances b
             WHERE b.account_id = ANY (v_payers) ORDER BY b.account_id FOR NO KEY UPDATE) b;

    -- 3. keys that exist
    FOR r IN
        SELECT t.n, k.journal_id, k.fp = t.fp AS same
          FROM payments.journal_keys k
          JOIN unnest(p_principals, p_keys, p_fps) WITH ORDINALITY AS t (principal, key, fp, n) ON k.principal_id = t.principal AND k.key = t.key
         WHERE k.tenant_id = v_tenant AND k.principal_id = ANY (p_principals) AND k.key = ANY (p_keys)
    LOOP
        v_status[r.n] := CASE WHEN r.same THEN 'exists' ELSE 'exists_different' END;
        v_ids[r.n] := CASE WHEN r.same THEN r.journal_id END;
    END LOOP;

    -- 4. account status, then funds. A hold was granted before the account was frozen: its capture still passes.
    -- Looked up once for the batch: joined line by line, each line would look through all accounts of the batch again.
    FOR r IN
        WITH shut AS MATERIALIZED (
            SELECT a.account_id, a.status FROM payments.accounts a WHERE a.account_id = ANY (p_accounts) AND a.status <> 'open')
        SELECT l.item, bool_or(a.status = 'closed') AS closed
          FROM shut a JOIN unnest(p_items, p_accounts, v_amounts, p_holds) AS l (item, account, amount, hold) ON a.account_id = l.account
         WHERE v_status[l.item] = 'ok' AND (a.status = 'closed' OR (l.amount < 0 AND l.hold IS NULL))
         GROUP BY l.item
    LOOP
        v_status[r.item] := CASE WHEN r.closed THEN 'account_closed' ELSE 'account_frozen' END;
    END LOOP;
    v_short := EXISTS (SELECT 1 FROM unnest(v_needs, v_left) AS t (need, spendable) WHERE t.spendable < t.need);
    IF v_short OR v_holds OR 'ok' <> ANY (v_status) THEN
        v_lines := ARRAY(SELECT row(t.item, t.account, t.amount, t.held, t.hold)::payments.line
                           FROM unnest(p_items, p_accounts, v_amounts, v_held, p_holds) AS t (item, account, amount, held, hold));
        IF v_short THEN v_status := payments.serve_in_order(v_lines, v_status); END IF;
        IF p_atomic AND NOT v_status <@ ARRAY['ok', 'exists'] THEN
            RETURN QUERY SELECT i, CASE WHEN v_status[i] = 'ok' THEN 'not_posted' ELSE v_status[i] END,
                                CASE WHEN v_status[i] = 'exists' THEN v_ids[i] END
                           FROM generate_subscripts(v_status, 1) i;
            RETURN;
        END IF;
        IF v_holds THEN PERFORM payments.check_captures(v_lines, v_status); END IF;
        SELECT array_agg(n.account), array_agg(n.need) INTO v_payers, v_needs
          FROM (SELECT n.account, sum(n.need) AS need FROM payments.needs(v_lines, v_status) n GROUP BY n.account) n;
    END IF;

    -- 5. keys, sorted, then the heads; a missing row means that a concurrent twin won
    INSERT INTO payments.journal_keys (tenant_id, principal_id, key, fp, journal_id)
    SELECT v_tenant, t.principal, t.key, t.fp, t.id
      FROM unnest(p_principals, p_keys, p_fps, v_ids, v_status) AS t (principal, key, fp, id, status)
     WHERE t.status = 'ok' ORDER BY t.principal, t.key COLLATE "C"
        ON CONFLICT DO NOTHING;
    GET DIAGNOSTICS v_written = ROW_COUNT;
    IF v_written <> cardinality(array_positions(v_status, 'ok')) THEN
        RAISE EXCEPTION 'a twin with the same key was faster' USING ERRCODE = '40001';
    END IF;
    INSERT INTO payments.journals (journal_id, tenant_id, realm, kind, order_id, reverses, booked_at, effective_at, actor, meta)
    SELECT h.id, v_tenant, h.realm, h.kind, h.order_id, h.reverses, v_now, h.effective_at, h.actor, h.meta::jsonb
      FROM unnest(v_ids, v_status, p_realms, p_kinds, p_orders, p_reverses, p_effective, p_actors, p_metas)
           AS h (id, status, realm, kind, order_id, reverses, effective_at, actor, meta)
     WHERE h.status = 'ok';

    -- 6. entries; a guarded debit without a hold is its own implicit hold (step 1 wrote it into v_held)
    INSERT INTO payments.entries (journal_id, line, tenant_id, account_id, asset_id, amount, held_delta, hold_id, epoch)
    SELECT v_ids[l.item], row_number() OVER (PARTITION BY l.item ORDER BY l.n), v_tenant, l.account, l.asset, l.amount, l.held, l.hold,
           (SELECT f.epoch FROM payments.fold_state f WHERE f.stream = 'ledger')
      FROM unnest(p_items, p_accounts, v_assets, v_amounts, v_held, p_holds) WITH ORDINALITY AS l (item, account, asset, amount, held, hold, n)
     WHERE v_status[l.item] = 'ok';

    -- 7. one update per payer
    UPDATE payments.balances b SET held = b.held + n.need, version = b.version + 1
      FROM unnest(v_payers, v_needs) AS n (account, need)
     WHERE b.account_id = n.account;

    RETURN QUERY SELECT t.item::integer, t.status, CASE WHEN t.status IN ('ok', 'exists') THEN t.id END
                   FROM unnest(v_status, v_ids) WITH ORDINALITY AS t (status, id, item);
END $$;

-- Fold and seal -------------------------------------------------------------------------------------------------------------------

-- The leaves of a range by xid, journal, line. In a row a field is a number, a uuid or a hex digest, so `|` cannot occur in one; free text
-- only enters through the digest of the journal's head. Times are microseconds: text would depend on the session.
CREATE FUNCTION payments.row_leaves(p_epoch smallint, p_from xid8, p_to xid8)
RETURNS TABLE (journal_id uuid, line smallint, leaf bytea, place bigint)
LANGUAGE sql STABLE SET search_path = pg_catalog SET enable_seqscan = off SET jit = off AS $$
    SELECT e.journal_id, e.line,
           uuid_send(e.journal_id) || int2send(e.line) || sha256(convert_to(concat_ws('|',
               e.epoch, e.xid, e.journal_id, e.line, e.account_id, e.asset_id, trim_scale(e.amount), trim_scale(e.held_delta),
               coalesce(e.hold_id::text, '-'), h.digest), 'UTF8')),
           row_number() OVER (ORDER BY e.xid, e.journal_id, e.line)
      FROM payments.entries e
      LEFT JOIN LATERAL (
          SELECT encode(sha256(convert_to(jsonb_build_array(
                     j.journal_id, j.tenant_id, j.realm, j.kind, j.order_id, j.reverses, (extract(epoch FROM j.booked_at) * 1000000)::bigint,
                     (extract(epoch FROM j.effective_at) * 1000000)::bigint, j.actor, j.meta)::text, 'UTF8')), 'hex') AS digest
            FROM payments.journals j WHERE j.journal_id = e.journal_id) h ON true
     WHERE e.epoch = p_epoch AND e.xid >= p_from AND e.xid < p_to
$$;

-- Turnover of a range: per tenant and asset what was credited.
CREATE FUNCTION payments.seal_sums(p_epoch smallint, p_from xid8, p_to xid8) RETURNS jsonb
LANGUAGE sql STABLE SET search_path = pg_catalog AS $$
    SELECT coalesce(jsonb_object_agg(t.tenant_id, t.sums), '{}')
      FROM (SELECT g.tenant_id, jsonb_object_agg(s.code, g.credited::text) AS sums
              FROM (SELECT e.tenant_id, e.asset_id, trim_scale(sum(e.amount)) AS credited FROM payments.entries e
                     WHERE e.epoch = p_epoch AND e.xid >= p_from AND e.xid < p_to AND e.amount > 0 GROUP BY 1, 2) g
              JOIN payments.assets s USING (asset_id) GROUP BY g.tenant_id) t
$$;

-- Seal a range of an epoch: the next link of the chain. Its hash is sha256(hash before, leaves). sealed_at is read after the horizon was, so
-- that whatever is booked from then on lies above xid_to.
CREATE FUNCTION payments.write_seal(p_epoch smallint, p_from xid8, p_to xid8, p_start xid8) RETURNS bigint
LANGUAGE plpgsql SET search_path = pg_catalog SET plan_cache_mode = force_generic_plan SET jit = off SET enable_seqscan = off AS $$
DECLARE
    v_last record;
    v_prev bytea;
    v_leaves bytea;
    v_seal bigint;
BEGIN
    SELECT l.seal_no, l.epoch, l.xid_to, l.hash INTO v_last FROM payments.seals l ORDER BY l.seal_no DESC LIMIT 1;
    v_seal := coalesce(v_last.seal_no, 0) + 1;
    v_prev := coalesce(v_last.hash, '\x'::bytea);
    SELECT string_agg(r.leaf, ''::bytea ORDER BY r.place) INTO v_leaves FROM payments.row_leaves(p_epoch, p_from, p_to) r;
    INSERT INTO payments.seals (seal_no, epoch, xid_from, xid_to, n, sums, prev, hash, sealed_at)
    VALUES (v_seal, p_epoch, CASE WHEN v_last.epoch = p_epoch THEN v_last.xid_to ELSE p_start END, p_to, length(v_leaves) / 50,
            payments.seal_sums(p_epoch, p_from, p_to), v_prev, sha256(v_prev || v_leaves),
            (SELECT clock_timestamp() + c."offset" FROM kernel.clock c));
    INSERT INTO payments.seal_leaves (seal_no, leaves) VALUES (v_seal, v_leaves);
    RETURN v_seal;
END $$;

-- Every transaction below pg_snapshot_xmin has ended, so [w, xmin) is complete: each entry is folded exactly once, without touching it.
-- max(id) or a time would lose whatever commits late.
CREATE FUNCTION payments.fold(p_limit integer)
RETURNS TABLE (folded bigint, accounts bigint, w_from xid8, w_to xid8, seal_no bigint)
LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, pg_temp SET plan_cache_mode = force_generic_plan SET jit = off SET enable_seqscan = off AS $$
DECLARE
    s payments.fold_state;
    x xid8;
    v_cut xid8;
    v_n bigint;
    v_accounts bigint := 0;
    v_seal bigint;
    v_since timestamptz := clock_timestamp();
BEGIN
    IF nullif(current_setting('app.tenant', true), '') IS NOT NULL THEN
        RAISE EXCEPTION 'the fold spans all tenants: it runs with none set' USING ERRCODE = '42501';
    END IF;
    SELECT * INTO s FROM payments.fold_state f WHERE f.stream = 'ledger' FOR UPDATE;
    IF s.system_identifier <> payments.cluster_id() THEN
        RAISE EXCEPTION 'the ledger was restored into another cluster: a new epoch must be opened' USING ERRCODE = 'RM002';
    END IF;
    SELECT pg_snapshot_xmin(pg_current_snapshot()) INTO x;
    IF x <= s.w THEN RETURN QUERY SELECT 0::bigint, 0::bigint, s.w, s.w, NULL::bigint; RETURN; END IF;

    -- A backlog is cut at the border of a transaction, never inside one.
    SELECT e.xid INTO v_cut FROM payments.entries e WHERE e.epoch = s.epoch AND e.xid >= s.w AND e.xid < x
     ORDER BY e.xid OFFSET p_limit LIMIT 1;
    IF FOUND THEN
        IF NOT EXISTS (SELECT 1 FROM payments.entries e WHERE e.epoch = s.epoch AND e.xid >= s.w AND e.xid < v_cut) THEN
            SELECT coalesce(min(e.xid), x) INTO v_cut FROM payments.entries e WHERE e.epoch = s.epoch AND e.xid > v_cut AND e.xid < x;
        END IF;
        x := v_cut;
        SELECT coalesce(min(uuid_extract_timestamp(e.journal_id)), v_since) INTO v_since
          FROM payments.entries e WHERE e.epoch = s.epoch AND e.xid = v_cut;
    END IF;

    SELECT count(*) INTO v_n FROM payments.entries e WHERE e.epoch = s.epoch AND e.xid >= s.w AND e.xid < x;
    IF v_n > 0 THEN
        -- Hash before any balance is locked.
        v_seal := payments.write_seal(s.epoch, s.w, x, s.start);
        PERFORM 1 FROM payments.balances b
          WHERE b.account_id IN (SELECT e.account_id FROM payments.entries e WHERE e.epoch = s.epoch AND e.xid >= s.w AND e.xid < x)
          ORDER BY b.account_id FOR NO KEY UPDATE;
        UPDATE payments.balances b
           SET posted = b.posted + g.amount, held = b.held + g.held_delta, version = b.version + 1
          FROM (SELECT e.account_id, sum(e.amount) AS amount, sum(e.held_delta) AS held_delta FROM payments.entries e
                 WHERE e.epoch = s.epoch AND e.xid >= s.w AND e.xid < x GROUP BY e.account_id) g
         WHERE b.account_id = g.account_id;
        GET DIAGNOSTICS v_accounts = ROW_COUNT;
    END IF;
    UPDATE payments.fold_state f SET w = x, tail_from = greatest(f.tail_from, payments.uuid_floor(v_since - interval '1 day'))
     WHERE f.stream = 'ledger';
    RETURN QUERY SELECT v_n, v_accounts, s.w, x, v_seal;
END $$;

-- Each seal recomputed, with the first row that differs. Speaks the truth only to somebody who sees all tenants: run it as the engine
-- with no tenant set. Rows of archived months are gone from here; their leaves still bear the chain, and the archive is checked by them.
CREATE FUNCTION payments.verify_seals(p_first bigint DEFAULT 1, p_last bigint DEFAULT NULL)
RETURNS TABLE (seal_no bigint, fault text, journal_id uuid, line smallint)
LANGUAGE plpgsql STABLE SET search_path = pg_catalog SET plan_cache_mode = force_generic_plan SET jit = off SET enable_seqscan = off AS $$
DECLARE
    s record;
    r record;
    v_archived uuid;
    v_found bytea;
BEGIN
    SELECT f.archived_before INTO v_archived FROM payments.fold_state f WHERE f.stream = 'ledger';
    FOR s IN
        SELECT l.*, coalesce(v.leaves, ''::bytea) AS leaves, lag(l.seal_no) OVER chain AS last_no, lag(l.hash) OVER chain AS last_hash,
               lag(l.epoch) OVER chain AS last_epoch, lag(l.xid_to) OVER chain AS last_to
          FROM payments.seals l LEFT JOIN payments.seal_leaves v ON v.seal_no = l.seal_no
         WHERE l.seal_no >= p_first - 1 AND (p_last IS NULL OR l.seal_no <= p_last) WINDOW chain AS (ORDER BY l.seal_no)
    LOOP
        CONTINUE WHEN s.seal_no < p_first;
        IF s.seal_no <> coalesce(s.last_no, 0) + 1 OR s.prev <> coalesce(s.last_hash, '\x'::bytea) THEN
            RETURN QUERY SELECT s.seal_no, 'chain_broken', NULL::uuid, NULL::smallint;
        END IF;
        IF s.epoch = s.last_epoch AND s.xid_from <> s.last_to THEN
            RETURN QUERY SELECT s.seal_no, 'range_broken', NULL::uuid, NULL::smallint;
        END IF;
        IF s.hash <> sha256(s.prev || s.leaves) THEN RETURN QUERY SELECT s.seal_no, 'hash_broken', NULL::uuid, NULL::smallint; END IF;
        IF s.n <> length(s.leaves) / 50 THEN RETURN QUERY SELECT s.seal_no, 'count_changed', NULL::uuid, NULL::smallint; END IF;
        SELECT coalesce(string_agg(l.leaf, ''::bytea ORDER BY l.place), ''::bytea) INTO v_found
          FROM payments.row_leaves(s.epoch, s.xid_from, s.xid_to) l;
        IF v_found = s.leaves THEN
            IF s.sums <> payments.seal_sums(s.epoch, s.xid_from, s.xid_to) THEN
                RETURN QUERY SELECT s.seal_no, 'sums_changed', NULL::uuid, NULL::smallint;
            END IF;
            CONTINUE;
        END IF;
        SELECT coalesce(kept.leaf, found.leaf) AS leaf,
               CASE WHEN kept.leaf IS NULL THEN 'row_added' WHEN found.leaf IS NULL THEN 'row_missing' ELSE 'row_changed' END AS fault
          INTO r
          FROM (SELECT i AS place, substr(s.leaves, i * 50 - 49, 50) AS leaf FROM generate_series(1, length(s.leaves) / 50) i
                 WHERE substr(s.leaves, i * 50 - 49, 16) >= uuid_send(v_archived)) kept
          FULL JOIN payments.row_leaves(s.epoch, s.xid_from, s.xid_to) found ON substr(found.leaf, 1, 18) = substr(kept.leaf, 1, 18)
         WHERE kept.leaf IS DISTINCT FROM found.leaf ORDER BY coalesce(kept.place, found.place) LIMIT 1;
        IF FOUND THEN
            RETURN QUERY SELECT s.seal_no, r.fault, encode(substr(r.leaf, 1, 16), 'hex')::uuid,
                                (get_byte(r.leaf, 16) * 256 + get_byte(r.leaf, 17))::smallint;
        END IF;
    END LOOP;
END $$;

-- Entries below the horizon that no seal covers.
CREATE FUNCTION payments.unsealed_entries() RETURNS TABLE (journal_id uuid, line smallint)
LANGUAGE sql STABLE SET search_path = pg_catalog SET enable_seqscan = off SET jit = off AS $$
    SELECT e.journal_id, e.line
      FROM payments.entries e CROSS JOIN payments.fold_state f
     WHERE f.stream = 'ledger' AND (e.epoch, e.xid) < (f.epoch, f.w)
       AND NOT EXISTS (SELECT 1 FROM payments.seals s WHERE s.epoch = e.epoch AND e.xid >= s.xid_from AND e.xid < s.xid_to)
$$;

-- For the invariants: 0 for whoever sees one tenant only, the number of faults for the engine.
CREATE FUNCTION payments.count_broken_seals() RETURNS bigint LANGUAGE plpgsql STABLE SET search_path = pg_catalog AS $$
BEGIN
    IF nullif(current_setting('app.tenant', true), '') IS NOT NULL OR NOT pg_has_role(current_user, 'rivermouth_engine', 'MEMBER') THEN
        RETURN 0;
    END IF;
    RETURN (SELECT count(*) FROM payments.verify_seals()) + (SELECT count(*) FROM payments.unsealed_entries());
END $$;

-- Ownership and rights ------------------------------------------------------------------------------------------------------------
GRANT CREATE ON SCHEMA payments TO rivermouth_ledger;
DO $$
DECLARE
    f record;
    v_open text[] := ARRAY['account_open', 'account_set_status', 'account_set_floor', 'hold_open', 'hold_capture', 'hold_release', 'post_batch'];
    v_read text[] := ARRAY['exact', 'waiting', 'count_broken_seals', 'cluster_id', 'uuid_floor'];
    v_engine text[] := ARRAY['fold', 'verify_seals', 'unsealed_entries', 'row_leaves', 'seal_sums', 'make_partitions'];
BEGIN
    FOR f IN SELECT p.oid::regprocedure AS signature, p.proname::text AS name, p.prosecdef FROM pg_proc p
              WHERE p.pronamespace = 'payments'::regnamespace AND p.prokind = 'f' LOOP
        EXECUTE format('REVOKE ALL ON FUNCTION %s FROM PUBLIC', f.signature);
        EXECUTE format('GRANT EXECUTE ON FUNCTION %s TO rivermouth_ledger', f.signature);
        IF f.name = ANY (v_open || v_read) THEN
            EXECUTE format('GRANT EXECUTE ON FUNCTION %s TO rivermouth_app, rivermouth_engine', f.signature);
        ELSIF f.name = ANY (v_engine) THEN
            EXECUTE format('GRANT EXECUTE ON FUNCTION %s TO rivermouth_engine', f.signature);
        END IF;
        IF f.prosecdef AND f.name <> 'make_partitions' THEN EXECUTE format('ALTER FUNCTION %s OWNER TO rivermouth_ledger', f.signature); END IF;
    END LOOP;
END $$;
REVOKE CREATE ON SCHEMA payments FROM rivermouth_ledger;
