-- The ground: amounts, two clocks, leases, schedules, idempotency keys, the outbox and the calls to the outside.
CREATE SCHEMA IF NOT EXISTS kernel;
GRANT USAGE ON SCHEMA kernel TO rivermouth_app, rivermouth_engine, rivermouth_ledger, rivermouth_lookup;

-- NaN passes every scale check and infinity every comparison; the bound refuses both.
CREATE DOMAIN kernel.amount AS numeric CHECK (abs(VALUE) < 1e38);

-- Business time = now() + one offset that only grows (0 outside a sandbox).
CREATE TABLE kernel.clock (
    one boolean PRIMARY KEY DEFAULT true CHECK (one),
    "offset" interval NOT NULL DEFAULT interval '0' CHECK ("offset" >= interval '0')
);
INSERT INTO kernel.clock DEFAULT VALUES;
GRANT SELECT ON kernel.clock TO rivermouth_app, rivermouth_engine, rivermouth_ledger;
CREATE FUNCTION kernel.business_now() RETURNS timestamptz LANGUAGE sql STABLE
    SET search_path = pg_catalog AS $$ SELECT now() + "offset" FROM kernel.clock $$;

CREATE FUNCTION kernel.clock_only_grows() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NEW."offset" < OLD."offset" THEN RAISE EXCEPTION 'the business clock only grows'; END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER clock_only_grows BEFORE UPDATE ON kernel.clock FOR EACH ROW EXECUTE FUNCTION kernel.clock_only_grows();
GRANT UPDATE ON kernel.clock TO rivermouth_engine;

-- Tenancy in one call: row-level security is forced, so that not even the owner of the table sees everything by accident.
-- app and engine name the rights of the two roles; the engine's policy spans tenants, which its owners and checks need.
CREATE PROCEDURE kernel.protect(target regclass, app text DEFAULT 'SELECT', engine text DEFAULT 'SELECT')
LANGUAGE plpgsql AS $$
BEGIN
    EXECUTE format('ALTER TABLE %s ENABLE ROW LEVEL SECURITY', target);
    EXECUTE format('ALTER TABLE %s FORCE ROW LEVEL SECURITY', target);
    EXECUTE format($p$CREATE POLICY tenant ON %s
        USING (tenant_id = nullif(current_setting('app.tenant', true), '')::uuid)
        WITH CHECK (tenant_id = nullif(current_setting('app.tenant', true), '')::uuid)$p$, target);
    EXECUTE format('CREATE POLICY engine ON %s TO rivermouth_engine USING (true) WITH CHECK (true)', target);
    IF app <> '' THEN EXECUTE format('GRANT %s ON %s TO rivermouth_app', app, target); END IF;
    IF engine <> '' THEN EXECUTE format('GRANT %s ON %s TO rivermouth_engine', engine, target); END IF;
END $$;

CREATE TABLE kernel.leases (
    name text PRIMARY KEY,
    holder text NOT NULL,
    epoch bigint NOT NULL,
    expires_at timestamptz NOT NULL
);
GRANT SELECT, INSERT, UPDATE ON kernel.leases TO rivermouth_engine;
GRANT SELECT ON kernel.leases TO rivermouth_app;

CREATE TABLE kernel.schedules (
    name text PRIMARY KEY,
    every interval NOT NULL CHECK (every > interval '0'),
    next_due timestamptz NOT NULL,
    last_run timestamptz
);
GRANT SELECT, INSERT, UPDATE ON kernel.schedules TO rivermouth_engine;
GRANT SELECT ON kernel.schedules TO rivermouth_app;

-- Jumps of the business clock in a sandbox: asked for by the API, carried out by the engine step by step.
CREATE TABLE kernel.clock_advances (
    id uuid PRIMARY KEY,
    by_interval interval NOT NULL CHECK (by_interval > interval '0'),
    target timestamptz,
    state text NOT NULL DEFAULT 'pending' CHECK (state IN ('pending', 'running', 'done')),
    requested_at timestamptz NOT NULL DEFAULT now()
);
GRANT SELECT, INSERT ON kernel.clock_advances TO rivermouth_app;
GRANT SELECT, INSERT, UPDATE ON kernel.clock_advances TO rivermouth_engine;

CREATE TABLE kernel.http_idempotency (
    tenant_id uuid NOT NULL,
    principal_id uuid NOT NULL,
    key text NOT NULL CHECK (length(key) BETWEEN 1 AND 255),
    route text NOT NULL,
    fingerprint bytea NOT NULL,
    resource_kind text NOT NULL,
    resource_id uuid NOT NULL,
    expires_at timestamptz NOT NULL,
    PRIMARY KEY (tenant_id, principal_id, key)
);
CALL kernel.protect('kernel.http_idempotency', app => 'SELECT, INSERT, UPDATE, DELETE', engine => 'SELECT, DELETE');
CREATE INDEX http_idempotency_expiry ON kernel.http_idempotency (expires_at);

-- Facts that left a package. Readers go by the committed horizon (xid below the oldest running one), never by max(id):
-- a transaction with a lower id may commit later.
CREATE TABLE kernel.outbox (
    id uuid PRIMARY KEY,
    tenant_id uuid NOT NULL,
    topic text NOT NULL,
    key text NOT NULL,
    payload jsonb NOT NULL,
    xid xid8 NOT NULL DEFAULT pg_current_xact_id(),
    published_at timestamptz NOT NULL DEFAULT now()
);
CREATE INDEX outbox_order ON kernel.outbox (xid, id);
CALL kernel.protect('kernel.outbox', app => 'INSERT', engine => 'SELECT, INSERT, DELETE');

CREATE TABLE kernel.cursors (
    consumer text PRIMARY KEY,
    xid xid8 NOT NULL,
    id uuid NOT NULL
);
GRANT SELECT, INSERT, UPDATE ON kernel.cursors TO rivermouth_engine;
CREATE TABLE kernel.inbox (
    tenant_id uuid NOT NULL,
    consumer text NOT NULL,
    event_id uuid NOT NULL,
    handled_at timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (consumer, event_id)
);
CALL kernel.protect('kernel.inbox', app => '', engine => 'SELECT, INSERT, DELETE');

-- The door to the outside. A call that is `sent` is never sent again.
CREATE TABLE kernel.calls (
    id uuid PRIMARY KEY,
    tenant_id uuid NOT NULL,
    lane text NOT NULL,
    kind text NOT NULL,
    ref text NOT NULL,
    payload jsonb NOT NULL,
    state text NOT NULL CHECK (state IN ('intent', 'sent', 'unknown', 'done', 'refused', 'not_placed', 'expired', 'manual')),
    priority smallint NOT NULL DEFAULT 10,
    deadline timestamptz,
    created_at timestamptz NOT NULL DEFAULT now(),
    sent_at timestamptz,
    epoch bigint,
    asked integer NOT NULL DEFAULT 0,
    negatives integer NOT NULL DEFAULT 0,
    next_ask_at timestamptz,
    outcome jsonb,
    settled_at timestamptz,
    UNIQUE (lane, kind, ref)
);
CREATE INDEX calls_intents ON kernel.calls (lane, priority, created_at) WHERE state = 'intent';
-- A call with next_ask_at is to be asked about: sent or unknown ones, and done ones whose order still lives at the venue.
CREATE INDEX calls_to_ask ON kernel.calls (lane, next_ask_at) WHERE next_ask_at IS NOT NULL;
CALL kernel.protect('kernel.calls', app => 'SELECT, INSERT', engine => 'SELECT, INSERT, UPDATE');
