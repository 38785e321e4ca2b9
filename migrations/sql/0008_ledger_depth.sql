-- What keeps the ledger for years: rebuilding the projection, epochs after a restore, closed days, archived months.

-- The business clock remembers its last jump: what was booked just before it may not have ended yet.
ALTER TABLE kernel.clock ADD COLUMN changed_at timestamptz NOT NULL DEFAULT '-infinity';
CREATE OR REPLACE FUNCTION kernel.clock_only_grows() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NEW."offset" < OLD."offset" THEN RAISE EXCEPTION 'the business clock only grows'; END IF;
    IF NEW."offset" > OLD."offset" THEN NEW.changed_at := clock_timestamp(); END IF;
    RETURN NEW;
END $$;

-- A restored outbox carries transaction ids of another cluster: the engine takes them back to the beginning.
GRANT UPDATE (xid) ON kernel.outbox TO rivermouth_engine;

-- Tables ---------------------------------------------------------------------------------------------------------------------------

-- What an account had at the end of a day, by the time of booking; a row only for days on which it moved. Final when written.
CREATE TABLE payments.balance_daily (
    account_id bigint NOT NULL REFERENCES payments.accounts,
    day date NOT NULL,
    tenant_id uuid NOT NULL,
    posted numeric NOT NULL,
    PRIMARY KEY (account_id, day)
);
CALL kernel.protect('payments.balance_daily', app => 'SELECT', engine => 'SELECT');

-- A closed day: all of its rows are in balance_daily, and nothing can be booked into it any more.
CREATE TABLE payments.days (
    day date PRIMARY KEY,
    ends_at timestamptz NOT NULL UNIQUE,
    closed_at timestamptz NOT NULL
);
GRANT SELECT ON payments.days TO rivermouth_app, rivermouth_engine;

-- A month whose journals have left the tables. seal_from and seal_to: the seals that cover it.
CREATE TABLE payments.archives (
    month date PRIMARY KEY CHECK (extract(day FROM month) = 1),
    journals bigint NOT NULL,
    entries bigint NOT NULL,
    seal_from bigint,
    seal_to bigint,
    booked_to timestamptz,
    files jsonb NOT NULL,
    archived_at timestamptz NOT NULL
);
GRANT SELECT ON payments.archives TO rivermouth_app, rivermouth_engine;

-- What the archived entries of an account, and of a hold that is over, added up to. A rebuild starts here.
CREATE TABLE payments.archived_balances (
    account_id bigint PRIMARY KEY REFERENCES payments.accounts,
    tenant_id uuid NOT NULL,
    posted numeric NOT NULL
);
CREATE TABLE payments.archived_holds (
    hold_id uuid PRIMARY KEY REFERENCES payments.holds,
    tenant_id uuid NOT NULL,
    amount numeric NOT NULL,
    held_delta numeric NOT NULL
);
CALL kernel.protect('payments.archived_balances', app => 'SELECT', engine => 'SELECT');
CALL kernel.protect('payments.archived_holds', app => 'SELECT', engine => 'SELECT');

GRANT SELECT, INSERT ON payments.balance_daily, payments.days, payments.archives TO rivermouth_ledger;
GRANT SELECT, INSERT, UPDATE ON payments.archived_balances, payments.archived_holds TO rivermouth_ledger;
GRANT MAINTAIN ON payments.entries TO rivermouth_ledger;  -- the new epoch waits for writers by a lock on the table
DO $$
DECLARE target text;
BEGIN
    FOREACH target IN ARRAY ARRAY['accounts', 'holds', 'balance_daily', 'archived_balances', 'archived_holds'] LOOP
        EXECUTE format($p$CREATE POLICY fold ON payments.%I TO rivermouth_ledger
            USING ((SELECT nullif(current_setting('app.tenant', true), '') IS NULL AND pg_has_role(session_user, 'rivermouth_engine', 'MEMBER')))$p$,
            target);
    END LOOP;
    FOREACH target IN ARRAY ARRAY['balance_daily', 'days', 'archives'] LOOP
        EXECUTE format('CREATE TRIGGER append_only BEFORE UPDATE OR DELETE ON payments.%I
                        FOR EACH ROW EXECUTE FUNCTION payments.refuse_change()', target);
        EXECUTE format('CREATE TRIGGER no_truncate BEFORE TRUNCATE ON payments.%I
                        FOR EACH STATEMENT EXECUTE FUNCTION payments.refuse_change()', target);
    END LOOP;
END $$;

-- Rebuild and epochs ---------------------------------------------------------------------------------------------------------------

CREATE FUNCTION payments.over_all_tenants() RETURNS void LANGUAGE plpgsql STABLE SET search_path = pg_catalog AS $$
BEGIN
    IF nullif(current_setting('app.tenant', true), '') IS NOT NULL THEN
        RAISE EXCEPTION 'this spans all tenants: it runs with none set' USING ERRCODE = '42501';
    END IF;
END $$;

-- What the projection of these accounts ought to be: what archived months left behind, entries below the horizon, open holds, and what
-- the tail will take from them. One snapshot.
CREATE FUNCTION payments.projection_of(p_accounts bigint[]) RETURNS TABLE (account_id bigint, posted numeric, held numeric)
LANGUAGE sql STABLE SET search_path = pg_catalog SET jit = off SET enable_seqscan = off AS $$
    SELECT w.account_id,
           coalesce((SELECT o.posted FROM payments.archived_balances o WHERE o.account_id = w.account_id), 0) + e.folded,
           coalesce((SELECT sum(h.amount - h.captured) FROM payments.holds h
                      WHERE h.account_id = w.account_id AND h.state = 'open'), 0) - e.waiting
      FROM unnest(p_accounts) w (account_id)
      CROSS JOIN payments.fold_state f
      CROSS JOIN LATERAL (
          SELECT coalesce(sum(e.amount) FILTER (WHERE (e.epoch, e.xid) < (f.epoch, f.w)), 0) AS folded,
                 coalesce(sum(e.held_delta) FILTER (WHERE (e.epoch, e.xid) >= (f.epoch, f.w)), 0) AS waiting
            FROM payments.entries e WHERE e.account_id = w.account_id) e
     WHERE f.stream = 'ledger'
$$;

-- Balances from the journal and the open holds, as of the horizon. The folder waits, payers of these accounts too. Returns how many
-- accounts were wrong.
CREATE FUNCTION payments.rebuild(p_accounts bigint[]) RETURNS bigint
LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, pg_temp SET plan_cache_mode = force_generic_plan SET jit = off SET enable_seqscan = off AS $$
DECLARE v_wrong bigint;
BEGIN
    PERFORM payments.over_all_tenants();
    PERFORM 1 FROM payments.fold_state f WHERE f.stream = 'ledger' FOR UPDATE;
    PERFORM 1 FROM payments.balances b WHERE b.account_id = ANY (p_accounts) ORDER BY b.account_id FOR NO KEY UPDATE;
    UPDATE payments.balances b SET posted = t.posted, held = t.held, version = b.version + 1
      FROM payments.projection_of(p_accounts) t
     WHERE b.account_id = t.account_id AND (b.posted, b.held) <> (t.posted, t.held);
    GET DIAGNOSTICS v_wrong = ROW_COUNT;
    RETURN v_wrong;
END $$;

-- After a logical restore the counter of transactions is another one. Close the old epoch with a seal over what was not folded, begin the
-- next one at the present horizon, and build the balances anew: all of it or nothing. Does nothing in the cluster it was opened in.
CREATE FUNCTION payments.open_epoch() RETURNS TABLE (epoch smallint, opened boolean)
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    s payments.fold_state;
    x xid8;
    v_last xid8;
BEGIN
    PERFORM payments.over_all_tenants();
    SELECT * INTO s FROM payments.fold_state f WHERE f.stream = 'ledger' FOR UPDATE;
    IF s.system_identifier = payments.cluster_id() THEN RETURN QUERY SELECT s.epoch, false; RETURN; END IF;
    LOCK TABLE payments.entries IN SHARE ROW EXCLUSIVE MODE;  -- whoever is writing into the old epoch comes to an end first
    SELECT e.xid INTO v_last FROM payments.entries e WHERE e.epoch = s.epoch ORDER BY e.xid DESC LIMIT 1;
    IF v_last >= s.w THEN
        PERFORM payments.write_seal(s.epoch, s.w, (v_last::text::numeric + 1)::text::xid8, s.start);
    END IF;
    SELECT pg_snapshot_xmin(pg_current_snapshot()) INTO x;
    UPDATE payments.fold_state f
       SET epoch = s.epoch + 1, start = x, w = x, system_identifier = payments.cluster_id(),
           tail_from = payments.uuid_floor(clock_timestamp() - interval '1 day')
     WHERE f.stream = 'ledger';
    PERFORM payments.rebuild(ARRAY(SELECT b.account_id FROM payments.balances b));
    RETURN QUERY SELECT (s.epoch + 1)::smallint, true;
END $$;

-- Days -----------------------------------------------------------------------------------------------------------------------------

-- Nothing is booked by a transaction that began longer ago: the roles' transaction_timeout, and half a minute because that timeout does
-- not cut short a commit which waits for its disk.
CREATE FUNCTION payments.write_limit() RETURNS interval LANGUAGE sql IMMUTABLE SET search_path = pg_catalog AS $$ SELECT interval '90 seconds' $$;

-- Nothing can be booked at or before p_at any more, and everything that was is visible: booked_at is the start of a transaction that must
-- have ended by now, also where the business clock jumped.
CREATE FUNCTION payments.is_final(p_at timestamptz) RETURNS boolean LANGUAGE sql STABLE SET search_path = pg_catalog AS $$
    SELECT p_at + payments.write_limit() <= kernel.business_now() AND c.changed_at + payments.write_limit() <= now() FROM kernel.clock c
$$;

-- What is booked at or after p_at lies at or above this place: the last seal made before p_at ends where later transactions begin.
CREATE FUNCTION payments.place_of(p_at timestamptz) RETURNS TABLE (epoch smallint, xid xid8)
LANGUAGE sql STABLE SET search_path = pg_catalog AS $$
    SELECT coalesce(max(l.epoch), 0::smallint), coalesce((array_agg(l.xid_to))[1], '0'::xid8)
      FROM (SELECT s.epoch, s.xid_to FROM payments.seals s WHERE s.sealed_at <= p_at ORDER BY s.sealed_at DESC, s.seal_no DESC LIMIT 1) l
$$;

-- What every account had at a moment: the end of the last closed day before, and what was booked since, that moment included.
CREATE FUNCTION payments.posted_at(p_at timestamptz) RETURNS TABLE (account_id bigint, posted numeric)
LANGUAGE sql STABLE SET search_path = pg_catalog SET jit = off AS $$
    WITH start AS (
        SELECT coalesce(max(d.ends_at), '-infinity') AS ends_at, coalesce(max(d.day), '-infinity') AS day
          FROM payments.days d WHERE d.ends_at <= p_at)
    SELECT t.account_id, sum(t.posted)
      FROM (SELECT b.account_id, b.posted
              FROM (SELECT DISTINCT ON (b.account_id) b.account_id, b.posted FROM payments.balance_daily b, start
                     WHERE b.day <= start.day ORDER BY b.account_id, b.day DESC) b
            UNION ALL
            SELECT e.account_id, e.amount
              FROM start CROSS JOIN LATERAL payments.place_of(start.ends_at) place
              JOIN payments.entries e ON (e.epoch, e.xid) >= (place.epoch, place.xid)
              JOIN payments.journals j ON j.journal_id = e.journal_id
             WHERE j.booked_at >= start.ends_at AND j.booked_at <= p_at) t
     GROUP BY t.account_id
$$;

-- Whether some of what was booked on the day of p_at before it has left the tables.
CREATE FUNCTION payments.is_archived(p_at timestamptz) RETURNS boolean LANGUAGE sql STABLE SET search_path = pg_catalog AS $$
    SELECT EXISTS (SELECT 1 FROM payments.archives r
                    WHERE r.booked_to >= (SELECT coalesce(max(d.ends_at), '-infinity') FROM payments.days d WHERE d.ends_at <= p_at))
$$;

-- Write the days p_first to p_last of the accounts above p_after; returns the last account looked at, NULL at the end.
CREATE FUNCTION payments.write_days(p_first date, p_last date, p_after bigint, p_limit integer) RETURNS bigint
LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, pg_temp SET plan_cache_mode = force_generic_plan SET jit = off SET enable_seqscan = off AS $$
DECLARE
    v_from timestamptz := p_first::timestamp AT TIME ZONE 'UTC';
    v_to timestamptz := (p_last + 1)::timestamp AT TIME ZONE 'UTC';
    v_place record;
    v_accounts bigint[];
BEGIN
    PERFORM payments.over_all_tenants();
    IF NOT payments.is_final(v_to) THEN RAISE EXCEPTION 'the day % is not final yet', p_last USING ERRCODE = '55000'; END IF;
    SELECT * INTO v_place FROM payments.place_of(v_from);
    v_accounts := ARRAY(SELECT a.account_id FROM payments.accounts a WHERE a.account_id > p_after ORDER BY a.account_id LIMIT p_limit);
    INSERT INTO payments.balance_daily (account_id, day, tenant_id, posted)
    SELECT a.account_id, t.day, a.tenant_id, coalesce(p.posted, 0) + sum(t.amount) OVER (PARTITION BY a.account_id ORDER BY t.day)
      FROM payments.accounts a
      CROSS JOIN LATERAL (
          SELECT (j.booked_at AT TIME ZONE 'UTC')::date AS day, sum(e.amount) AS amount
            FROM payments.entries e JOIN payments.journals j ON j.journal_id = e.journal_id
           WHERE e.account_id = a.account_id AND (e.epoch, e.xid) >= (v_place.epoch, v_place.xid)
             AND j.booked_at >= v_from AND j.booked_at < v_to
           GROUP BY 1) t
      LEFT JOIN LATERAL (
          SELECT d.posted FROM payments.balance_daily d WHERE d.account_id = a.account_id AND d.day < p_first ORDER BY d.day DESC LIMIT 1) p ON true
     WHERE a.account_id = ANY (v_accounts)
        ON CONFLICT DO NOTHING;
    RETURN v_accounts[cardinality(v_accounts)];
END $$;

-- Once all accounts are written. The days follow each other without a gap.
CREATE FUNCTION payments.close_days(p_first date, p_last date) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    PERFORM payments.over_all_tenants();
    IF NOT payments.is_final((p_last + 1)::timestamp AT TIME ZONE 'UTC') THEN
        RAISE EXCEPTION 'the day % is not final yet', p_last USING ERRCODE = '55000';
    END IF;
    IF p_first <> (SELECT coalesce(max(d.day) + 1, p_first) FROM payments.days d) THEN
        RAISE EXCEPTION 'the day before % is not closed', p_first USING ERRCODE = '55000';
    END IF;
    INSERT INTO payments.days (day, ends_at, closed_at)
    SELECT p_first + n, (p_first + n + 1)::timestamp AT TIME ZONE 'UTC', kernel.business_now() FROM generate_series(0, p_last - p_first) n;
END $$;

-- Archive --------------------------------------------------------------------------------------------------------------------------

-- Take a month out of the sums: only when it is folded, sealed, over for all holds, and behind a closed day. Returns why not, or 'ok'.
-- In the same transaction `detach_month` takes the partitions away.
CREATE FUNCTION payments.archive_month(p_month date, p_files jsonb) RETURNS text
LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, pg_temp SET plan_cache_mode = force_generic_plan SET jit = off SET enable_seqscan = off AS $$
DECLARE
    s payments.fold_state;
    v_low uuid := payments.uuid_floor(p_month::timestamp AT TIME ZONE 'UTC');
    v_high uuid := payments.uuid_floor((p_month + interval '1 month') AT TIME ZONE 'UTC');
    v_booked timestamptz;
    v_seals record;
BEGIN
    PERFORM payments.over_all_tenants();
    SELECT * INTO s FROM payments.fold_state f WHERE f.stream = 'ledger' FOR UPDATE;
    IF s.archived_before >= v_high THEN RETURN 'archived_before'; END IF;
    IF s.tail_from < v_high THEN RETURN 'too_young'; END IF;
    IF EXISTS (SELECT 1 FROM payments.entries e WHERE e.journal_id < v_low) THEN RETURN 'older_month_first'; END IF;
    IF EXISTS (SELECT 1 FROM payments.entries e WHERE e.epoch = s.epoch AND e.xid >= s.w AND e.journal_id < v_high) THEN RETURN 'not_folded'; END IF;
    IF EXISTS (SELECT 1 FROM payments.entries e WHERE e.journal_id < v_high AND NOT EXISTS (
            SELECT 1 FROM payments.seals l WHERE l.epoch = e.epoch AND e.xid >= l.xid_from AND e.xid < l.xid_to)) THEN RETURN 'not_sealed'; END IF;
    IF EXISTS (SELECT 1 FROM payments.entries e JOIN payments.holds h USING (hold_id)
                WHERE e.journal_id < v_high AND h.state = 'open') THEN RETURN 'hold_open'; END IF;
    SELECT max(j.booked_at) INTO v_booked FROM payments.journals j WHERE j.journal_id < v_high;
    IF v_booked >= (SELECT coalesce(max(d.ends_at), '-infinity') FROM payments.days d) THEN RETURN 'day_not_closed'; END IF;
    SELECT min(l.seal_no) AS first, max(l.seal_no) AS last INTO v_seals
      FROM (SELECT DISTINCT e.epoch, e.xid FROM payments.entries e WHERE e.journal_id < v_high) e
      JOIN payments.seals l ON l.epoch = e.epoch AND e.xid >= l.xid_from AND e.xid < l.xid_to;
    INSERT INTO payments.archives (month, journals, entries, seal_from, seal_to, booked_to, files, archived_at)
    SELECT p_month, (SELECT count(*) FROM payments.journals j WHERE j.journal_id < v_high),
           (SELECT count(*) FROM payments.entries e WHERE e.journal_id < v_high), v_seals.first, v_seals.last, v_booked, p_files,
           kernel.business_now();
    INSERT INTO payments.archived_balances AS o (account_id, tenant_id, posted)
    SELECT e.account_id, e.tenant_id, sum(e.amount) FROM payments.entries e WHERE e.journal_id < v_high GROUP BY 1, 2
        ON CONFLICT (account_id) DO UPDATE SET posted = o.posted + excluded.posted;
    INSERT INTO payments.archived_holds AS o (hold_id, tenant_id, amount, held_delta)
    SELECT e.hold_id, e.tenant_id, sum(e.amount), sum(e.held_delta) FROM payments.entries e
     WHERE e.journal_id < v_high AND e.hold_id IS NOT NULL GROUP BY 1, 2
        ON CONFLICT (hold_id) DO UPDATE SET amount = o.amount + excluded.amount, held_delta = o.held_delta + excluded.held_delta;
    UPDATE payments.fold_state f SET archived_before = v_high WHERE f.stream = 'ledger';
    RETURN 'ok';
END $$;

-- The partitions of an archived month leave the ledger for the schema archive, guarded as before. The owner drops them there when the
-- files are safe; nothing of the product reads them.
CREATE SCHEMA archive;
CREATE FUNCTION payments.detach_month(p_month date) RETURNS SETOF text
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp SET lock_timeout = '5s' AS $$
DECLARE
    v_parent text;
    v_name text;
BEGIN
    IF NOT EXISTS (SELECT 1 FROM payments.archives a WHERE a.month = p_month) THEN
        RAISE EXCEPTION 'the month % is not archived', p_month USING ERRCODE = '55000';
    END IF;
    FOREACH v_parent IN ARRAY ARRAY['entries', 'journals'] LOOP
        v_name := v_parent || to_char(p_month, '"_y"YYYY"m"MM');
        CONTINUE WHEN to_regclass('payments.' || v_name) IS NULL;
        EXECUTE format('ALTER TABLE payments.%I DETACH PARTITION payments.%I', v_parent, v_name);
        EXECUTE format('ALTER TABLE payments.%I SET SCHEMA archive', v_name);
        EXECUTE format('CREATE TRIGGER append_only BEFORE UPDATE OR DELETE ON archive.%I
                        FOR EACH ROW EXECUTE FUNCTION payments.refuse_change()', v_name);
        RETURN NEXT v_name;
    END LOOP;
END $$;

-- A tenant is shown its own turnover of a seal and nobody else's.
CREATE FUNCTION payments.own_sums(p_first bigint, p_last bigint) RETURNS TABLE (seal_no bigint, sums jsonb)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
    SELECT s.seal_no, s.sums -> payments.tenant()::text FROM payments.seals s WHERE s.seal_no BETWEEN p_first AND p_last
$$;

-- Who holds the horizon back: the session with the oldest transaction that writes. Other roles' sessions are only seen with
-- pg_read_all_stats, which set-up grants to the engine.
CREATE FUNCTION payments.horizon_holder()
RETURNS TABLE (pid integer, role text, application text, state text, age_s numeric, waits_for text)
LANGUAGE sql STABLE SET search_path = pg_catalog AS $$
    SELECT a.pid, a.usename::text, a.application_name, a.state, round(extract(epoch FROM clock_timestamp() - a.xact_start)::numeric, 3),
           a.wait_event_type
      FROM pg_stat_activity a WHERE a.backend_xid IS NOT NULL AND a.pid <> pg_backend_pid() ORDER BY age(a.backend_xid) DESC LIMIT 1
$$;

GRANT CREATE ON SCHEMA payments TO rivermouth_ledger;
DO $$
DECLARE
    f record;
    v_ledger text[] := ARRAY['rebuild', 'open_epoch', 'write_days', 'close_days', 'archive_month', 'own_sums'];
    v_read text[] := ARRAY['posted_at', 'is_archived', 'is_final', 'write_limit', 'place_of', 'own_sums', 'projection_of'];
    v_engine text[] := ARRAY['rebuild', 'open_epoch', 'write_days', 'close_days', 'archive_month', 'detach_month', 'horizon_holder'];
BEGIN
    FOR f IN SELECT p.oid::regprocedure AS signature, p.proname::text AS name FROM pg_proc p
              WHERE p.pronamespace = 'payments'::regnamespace
                AND p.proname = ANY (v_ledger || v_read || v_engine || ARRAY['over_all_tenants']) LOOP
        EXECUTE format('REVOKE ALL ON FUNCTION %s FROM PUBLIC', f.signature);
        EXECUTE format('GRANT EXECUTE ON FUNCTION %s TO rivermouth_ledger', f.signature);
        IF f.name = ANY (v_read) THEN EXECUTE format('GRANT EXECUTE ON FUNCTION %s TO rivermouth_app, rivermouth_engine', f.signature); END IF;
        IF f.name = ANY (v_engine) THEN EXECUTE format('GRANT EXECUTE ON FUNCTION %s TO rivermouth_engine', f.signature); END IF;
        IF f.name = ANY (v_ledger) THEN EXECUTE format('ALTER FUNCTION %s OWNER TO rivermouth_ledger', f.signature); END IF;
    END LOOP;
END $$;
REVOKE CREATE ON SCHEMA payments FROM rivermouth_ledger;
