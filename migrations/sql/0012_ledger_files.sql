-- Bulk posting through a stage, and the jobs that move the ledger in and out of files.
--
-- The stage is three temporary tables of the session: no WAL, no row of another tenant or caller in reach, empty again after the
-- commit. They belong to the ledger's role; callers may copy into two of them and nothing else.
CREATE FUNCTION payments.open_stage() RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp SET client_min_messages = warning AS $$
BEGIN
    CREATE TEMPORARY TABLE IF NOT EXISTS stage_heads (
        item integer NOT NULL, principal uuid NOT NULL, key text COLLATE "C" NOT NULL, fp bytea NOT NULL, realm text NOT NULL,
        kind text NOT NULL, order_id uuid, reverses uuid, effective_at timestamptz, actor text, meta jsonb NOT NULL,
        journal_id uuid NOT NULL DEFAULT uuidv7()) ON COMMIT DELETE ROWS;
    CREATE TEMPORARY TABLE IF NOT EXISTS stage_lines (
        item integer NOT NULL, line smallint NOT NULL, account bigint NOT NULL, amount kernel.amount NOT NULL) ON COMMIT DELETE ROWS;
    CREATE TEMPORARY TABLE IF NOT EXISTS stage_refused (
        item integer NOT NULL, status text NOT NULL, journal_id uuid) ON COMMIT DELETE ROWS;
    PERFORM payments.demand_stage();
    GRANT INSERT ON pg_temp.stage_heads, pg_temp.stage_lines TO rivermouth_app, rivermouth_engine;
END $$;

-- A caller could have made tables of these names before, with triggers or types of its own.
CREATE FUNCTION payments.demand_stage() RETURNS void
LANGUAGE plpgsql STABLE SET search_path = pg_catalog AS $$
BEGIN
    IF (SELECT count(*) FROM pg_class c
         WHERE c.relnamespace = pg_my_temp_schema() AND c.relname IN ('stage_heads', 'stage_lines', 'stage_refused')
           AND c.relkind = 'r' AND c.relowner = 'rivermouth_ledger'::regrole) <> 3 THEN
        RAISE EXCEPTION 'the stage is not the ledger''s' USING ERRCODE = '42501';
    END IF;
END $$;

-- Keys that are there already: the same request `exists`, another one under the key is `exists_different`, whatever else was said.
CREATE FUNCTION payments.stage_known(p_items integer[]) RETURNS void
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
DECLARE v_tenant uuid := payments.tenant();
BEGIN
    WITH known AS (
        SELECT h.item, CASE WHEN k.fp = h.fp THEN 'exists' ELSE 'exists_different' END AS status,
               CASE WHEN k.fp = h.fp THEN k.journal_id END AS journal_id
          FROM pg_temp.stage_heads h
         CROSS JOIN LATERAL (
               SELECT k.fp, k.journal_id FROM payments.journal_keys k
                WHERE k.tenant_id = v_tenant AND k.principal_id = h.principal AND k.key = h.key OFFSET 0) k  -- by the whole key
         WHERE k.journal_id <> h.journal_id AND (p_items IS NULL OR h.item = ANY (p_items))),
    gone AS (DELETE FROM pg_temp.stage_refused r USING known WHERE r.item = known.item)
    INSERT INTO pg_temp.stage_refused SELECT known.item, known.status, known.journal_id FROM known;
END $$;

-- What guarded accounts must pay, per item that still stands.
CREATE FUNCTION payments.stage_needs() RETURNS TABLE (item integer, account bigint, need numeric)
LANGUAGE plpgsql STABLE SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    RETURN QUERY
    SELECT l.item, l.account, -sum(l.amount)
      FROM pg_temp.stage_lines l
     WHERE l.amount < 0
       AND l.account IN (SELECT b.account_id FROM payments.balances b
                          WHERE b.guarded AND b.account_id IN (SELECT DISTINCT p.account FROM pg_temp.stage_lines p WHERE p.amount < 0))
       AND NOT EXISTS (SELECT 1 FROM pg_temp.stage_refused r WHERE r.item = l.item)
     GROUP BY l.item, l.account;
END $$;

-- The same per payer: what has to be there, and is held in the end.
CREATE FUNCTION payments.stage_dues() RETURNS TABLE (account bigint, due numeric)
LANGUAGE plpgsql STABLE SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    RETURN QUERY
    SELECT d.account, d.due
      FROM (SELECT l.account, -sum(l.amount) AS due
              FROM pg_temp.stage_lines l
             WHERE l.amount < 0 AND NOT EXISTS (SELECT 1 FROM pg_temp.stage_refused r WHERE r.item = l.item)
             GROUP BY l.account) d
      JOIN payments.balances b ON b.account_id = d.account
     WHERE b.guarded;
END $$;

-- Some payer looks short: take the exact values once and serve the items that touch a short payer in their order.
CREATE FUNCTION payments.stage_serve_in_order() RETURNS void
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    v_accounts bigint[];
    v_left numeric[];
    v_refused integer[] := '{}';
    r record;
BEGIN
    SELECT array_agg(n.account ORDER BY n.account), array_agg(x.posted - x.held - x.floor ORDER BY n.account)
      INTO v_accounts, v_left
      FROM payments.stage_dues() n
      JOIN payments.exact(ARRAY(SELECT s.account FROM payments.stage_dues() s)) x ON x.account_id = n.account
     WHERE x.posted - x.held - x.floor < n.due;
    FOR r IN SELECT n.item, array_agg(array_position(v_accounts, n.account)) AS places, array_agg(n.need) AS needs
               FROM payments.stage_needs() n WHERE n.account = ANY (v_accounts) GROUP BY n.item ORDER BY n.item
    LOOP
        IF EXISTS (SELECT 1 FROM unnest(r.places, r.needs) AS t (place, need) WHERE v_left[t.place] < t.need) THEN
            v_refused := v_refused || r.item;
        ELSE
            FOR i IN 1 .. cardinality(r.places) LOOP
                v_left[r.places[i]] := v_left[r.places[i]] - r.needs[i];
            END LOOP;
        END IF;
    END LOOP;
    INSERT INTO pg_temp.stage_refused SELECT t.item, 'insufficient_funds', NULL FROM unnest(v_refused) AS t (item);
END $$;

-- Step 1 of post_batch over the stage. Lines with holds do not come this way. Most journals are of one asset, whose total is zero or not;
-- those of several are summed per asset in a second step.
CREATE FUNCTION payments.stage_check_rules() RETURNS void
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
DECLARE v_mixed bigint;
BEGIN
    WITH g AS MATERIALIZED (
        SELECT l.item, count(*) AS lines, sum(l.amount) AS total, min(a.asset_id) <> max(a.asset_id) AS mixed,
               bool_or(a.account_id IS NULL) AS unknown,
               bool_or(a.realm <> o.realm) AS other_realm,
               bool_or(l.amount <> round(l.amount, s.scale)) AS too_fine
          FROM pg_temp.stage_lines l
          JOIN pg_temp.stage_heads o ON o.item = l.item
          LEFT JOIN payments.accounts a ON a.account_id = l.account
          LEFT JOIN payments.assets s ON s.asset_id = a.asset_id
         GROUP BY l.item),
    refused AS (
        INSERT INTO pg_temp.stage_refused
        SELECT h.item, r.refusal, NULL
          FROM pg_temp.stage_heads h
          LEFT JOIN g ON g.item = h.item
         CROSS JOIN LATERAL (
               SELECT CASE WHEN g.item IS NULL THEN 'unbalanced'
                           WHEN g.unknown THEN 'account_not_found'
                           WHEN g.other_realm THEN 'realm_mismatch'
                           WHEN g.too_fine THEN 'amount_too_fine'
                           WHEN g.lines < 2 OR (g.total <> 0 AND NOT g.mixed) THEN 'unbalanced' END AS refusal) r
         WHERE r.refusal IS NOT NULL)
    SELECT count(*) INTO v_mixed FROM g WHERE g.mixed;
    IF v_mixed > 0 THEN
        INSERT INTO pg_temp.stage_refused
        SELECT DISTINCT u.item, 'unbalanced', NULL::uuid
          FROM (SELECT l.item FROM pg_temp.stage_lines l JOIN payments.accounts a ON a.account_id = l.account
                 GROUP BY l.item, a.asset_id HAVING sum(l.amount) <> 0) u
         WHERE NOT EXISTS (SELECT 1 FROM pg_temp.stage_refused r WHERE r.item = u.item);
    END IF;
END $$;

-- The rules and the order of locks of post_batch, set-based, for thousands of journals; each refused item is left out. Answers the items
-- that were not posted. p_dry: say what would be refused, write nothing.
-- Nearly no item of a bulk exists already, so keys are inserted first and looked up only for items that were refused or found taken.
CREATE FUNCTION payments.post_stage(p_dry boolean) RETURNS TABLE (item integer, status text, journal_id uuid)
LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, pg_temp SET plan_cache_mode = force_custom_plan SET jit = off SET enable_seqscan = off AS $$
DECLARE
    v_tenant uuid := payments.tenant();
    v_now timestamptz := kernel.business_now();
    v_payers bigint[];
    v_wanted bigint;
    v_written bigint;
BEGIN
    PERFORM payments.demand_stage();

    -- 1. rules
    PERFORM payments.stage_check_rules();

    -- 2. lock the payers, sorted; everything that decides is read by later statements
    v_payers := ARRAY(SELECT n.account FROM payments.stage_dues() n);
    PERFORM 1 FROM payments.balances b WHERE b.account_id = ANY (v_payers) ORDER BY b.account_id FOR NO KEY UPDATE;

    -- 3. account status, then funds
    INSERT INTO pg_temp.stage_refused
    SELECT l.item, CASE WHEN bool_or(a.status = 'closed') THEN 'account_closed' ELSE 'account_frozen' END, NULL
      FROM pg_temp.stage_lines l
      JOIN payments.accounts a ON a.account_id = l.account
     WHERE a.status <> 'open' AND (a.status = 'closed' OR l.amount < 0)
       AND NOT EXISTS (SELECT 1 FROM pg_temp.stage_refused r WHERE r.item = l.item)
     GROUP BY l.item;
    PERFORM payments.stage_known(CASE WHEN NOT p_dry THEN ARRAY(SELECT r.item FROM pg_temp.stage_refused r) END);
    IF EXISTS (SELECT 1 FROM payments.stage_dues() n JOIN payments.balances b ON b.account_id = n.account
                WHERE b.posted - b.held - b.floor < n.due) THEN
        PERFORM payments.stage_known(NULL);
        PERFORM payments.stage_serve_in_order();
    END IF;
    IF p_dry THEN
        RETURN QUERY SELECT r.item, r.status, r.journal_id FROM pg_temp.stage_refused r ORDER BY r.item;
        RETURN;
    END IF;

    -- 4. keys, sorted, then the heads; a key that is taken by now belongs to an earlier journal or to a twin that was faster
    SELECT count(*) INTO v_wanted FROM pg_temp.stage_heads h
     WHERE NOT EXISTS (SELECT 1 FROM pg_temp.stage_refused r WHERE r.item = h.item);
    INSERT INTO payments.journal_keys (tenant_id, principal_id, key, fp, journal_id)
    SELECT v_tenant, h.principal, h.key, h.fp, h.journal_id
      FROM pg_temp.stage_heads h
     WHERE NOT EXISTS (SELECT 1 FROM pg_temp.stage_refused r WHERE r.item = h.item)
     ORDER BY h.principal, h.key
        ON CONFLICT DO NOTHING;
    GET DIAGNOSTICS v_written = ROW_COUNT;
    IF v_written <> v_wanted THEN PERFORM payments.stage_known(NULL); END IF;
    INSERT INTO payments.journals (journal_id, tenant_id, realm, kind, order_id, reverses, booked_at, effective_at, actor, meta)
    SELECT h.journal_id, v_tenant, h.realm, h.kind, h.order_id, h.reverses, v_now, h.effective_at, h.actor, h.meta
      FROM pg_temp.stage_heads h
     WHERE NOT EXISTS (SELECT 1 FROM pg_temp.stage_refused r WHERE r.item = h.item);

    -- 5. entries; a guarded debit is its own implicit hold
    INSERT INTO payments.entries (journal_id, line, tenant_id, account_id, asset_id, amount, held_delta, epoch)
    SELECT h.journal_id, l.line, v_tenant, l.account, a.asset_id, l.amount,
           CASE WHEN a.guarded AND l.amount < 0 THEN l.amount ELSE 0 END, f.epoch
      FROM pg_temp.stage_lines l
      JOIN pg_temp.stage_heads h ON h.item = l.item
      JOIN payments.accounts a ON a.account_id = l.account
      CROSS JOIN payments.fold_state f
     WHERE f.stream = 'ledger' AND NOT EXISTS (SELECT 1 FROM pg_temp.stage_refused r WHERE r.item = l.item);

    -- 6. one update per payer
    UPDATE payments.balances b SET held = b.held + n.due, version = b.version + 1
      FROM payments.stage_dues() n
     WHERE b.account_id = n.account;

    RETURN QUERY SELECT r.item, r.status, r.journal_id FROM pg_temp.stage_refused r ORDER BY r.item;
END $$;

-- Exports -------------------------------------------------------------------------------------------------------------------------

-- A job, carried out step by step by a worker. (epoch, horizon): every transaction below had ended when the job began, so the rows below
-- are a closed set and each step reads the same rows whoever takes it and however often.
CREATE TABLE payments.exports (
    id uuid PRIMARY KEY,
    tenant_id uuid NOT NULL,
    realm text NOT NULL CHECK (realm IN ('DEMO', 'REAL')),
    what text NOT NULL CHECK (what IN ('journals', 'entries', 'balances', 'statement')),
    format text NOT NULL CHECK (format IN ('csv', 'parquet')),
    account_id bigint REFERENCES payments.accounts,
    from_at timestamptz,
    to_at timestamptz,
    requested_by uuid NOT NULL,
    requested_at timestamptz NOT NULL,
    state text NOT NULL DEFAULT 'queued' CHECK (state IN ('queued', 'running', 'done', 'failed', 'expired')),
    epoch smallint,
    horizon xid8,
    position jsonb NOT NULL DEFAULT '{}',
    parts integer NOT NULL DEFAULT 0,
    rows_scanned bigint NOT NULL DEFAULT 0,
    rows_written bigint NOT NULL DEFAULT 0,
    rows_expected bigint,
    claimed_by uuid,
    claimed_until timestamptz,
    failures smallint NOT NULL DEFAULT 0,
    error text,
    bytes bigint,
    sha256 bytea,
    finished_at timestamptz,
    CHECK (what <> 'statement' OR account_id IS NOT NULL),
    CHECK (state <> 'done' OR (sha256 IS NOT NULL AND bytes IS NOT NULL))
);
CREATE INDEX exports_of_tenant ON payments.exports (tenant_id, id);
CREATE INDEX exports_open ON payments.exports (claimed_until) WHERE state IN ('queued', 'running');
CALL kernel.protect('payments.exports', app => 'SELECT, INSERT, UPDATE', engine => 'SELECT');

-- Imports -------------------------------------------------------------------------------------------------------------------------

-- A file of journals: checked by the rules of posting, approved by a second person, posted in chunks. The rows are the file as it was
-- read and never change; what became of each stands beside it.
CREATE TABLE payments.imports (
    id uuid PRIMARY KEY,
    tenant_id uuid NOT NULL,
    realm text NOT NULL CHECK (realm IN ('DEMO', 'REAL')),
    file_key text NOT NULL CHECK (length(file_key) BETWEEN 1 AND 100),
    format text NOT NULL CHECK (format IN ('csv', 'ndjson')),
    dry_run boolean NOT NULL,
    sha256 bytea NOT NULL CHECK (length(sha256) = 32),
    rows_read integer NOT NULL CHECK (rows_read > 0),
    uploaded_by uuid NOT NULL,
    uploaded_at timestamptz NOT NULL,
    state text NOT NULL DEFAULT 'checking' CHECK (state IN ('checking', 'checked', 'awaiting_approval', 'posting', 'done', 'rejected')),
    decided_by uuid,
    decided_at timestamptz,
    position integer NOT NULL DEFAULT 0,
    claimed_by uuid,
    claimed_until timestamptz,
    error text,
    finished_at timestamptz,
    CHECK (state NOT IN ('posting', 'done') OR (decided_by IS NOT NULL AND decided_by <> uploaded_by AND NOT dry_run))
);
CREATE INDEX imports_of_tenant ON payments.imports (tenant_id, id);
CREATE INDEX imports_open ON payments.imports (claimed_until) WHERE state IN ('checking', 'posting');
CREATE UNIQUE INDEX imports_once ON payments.imports (tenant_id, realm, file_key) WHERE NOT dry_run AND state <> 'rejected';
CALL kernel.protect('payments.imports', app => 'SELECT, INSERT, UPDATE', engine => 'SELECT');

CREATE TABLE payments.import_rows (
    import_id uuid NOT NULL REFERENCES payments.imports,
    "row" integer NOT NULL CHECK ("row" > 0),
    tenant_id uuid NOT NULL,
    at_line integer NOT NULL,
    kind text NOT NULL,
    accounts text[] NOT NULL,
    amounts numeric[] NOT NULL,
    effective_at timestamptz,
    meta jsonb NOT NULL,
    fault text,
    status text NOT NULL,
    PRIMARY KEY (import_id, "row"),
    CHECK (cardinality(accounts) = cardinality(amounts))
);
CREATE INDEX import_rows_not_ok ON payments.import_rows (import_id, "row") WHERE status NOT IN ('pending', 'ok', 'posted');
CALL kernel.protect('payments.import_rows', app => 'SELECT, INSERT', engine => '');
GRANT UPDATE (status) ON payments.import_rows TO rivermouth_app;

-- Ownership and rights ------------------------------------------------------------------------------------------------------------
GRANT CREATE ON SCHEMA payments TO rivermouth_ledger;
DO $$
DECLARE f record;
BEGIN
    FOR f IN SELECT p.oid::regprocedure AS signature, p.proname::text AS name, p.prosecdef FROM pg_proc p
              WHERE p.pronamespace = 'payments'::regnamespace
                AND (p.proname LIKE 'stage\_%' OR p.proname IN ('open_stage', 'demand_stage', 'post_stage')) LOOP
        EXECUTE format('REVOKE ALL ON FUNCTION %s FROM PUBLIC', f.signature);
        EXECUTE format('GRANT EXECUTE ON FUNCTION %s TO rivermouth_ledger', f.signature);
        IF f.name IN ('open_stage', 'post_stage') THEN
            EXECUTE format('GRANT EXECUTE ON FUNCTION %s TO rivermouth_app, rivermouth_engine', f.signature);
        END IF;
        IF f.prosecdef THEN EXECUTE format('ALTER FUNCTION %s OWNER TO rivermouth_ledger', f.signature); END IF;
    END LOOP;
END $$;
REVOKE CREATE ON SCHEMA payments FROM rivermouth_ledger;

-- Set-up closes the database to everybody else; where it was set up before there was a stage, the right comes from here.
DO $$ BEGIN EXECUTE format('GRANT TEMPORARY ON DATABASE %I TO rivermouth_ledger', current_database()); END $$;
