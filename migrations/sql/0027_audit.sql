-- Who did what, from where: one row per change, written in the transaction of the change and never touched again. Digests are SHA-256:
-- `asked` of the request, `before` and `after` of the thing that changed. No foreign key: what is written down outlives what it is about.
CREATE TABLE identity.audit_entries (
    tenant_id uuid NOT NULL,
    id uuid NOT NULL,
    xid xid8 NOT NULL DEFAULT pg_current_xact_id(),
    at timestamptz NOT NULL DEFAULT kernel.business_now(),
    recorded_at timestamptz NOT NULL DEFAULT now(),
    actor uuid NOT NULL,
    roles text[] NOT NULL,
    via text NOT NULL CHECK (via IN ('session', 'api_key', 'request', 'process')),
    credential uuid,
    address text CHECK (length(address) <= 64),
    request_id text CHECK (length(request_id) <= 64),
    action text NOT NULL CHECK (action ~ '^[a-z][a-z0-9_]*(\.[a-z0-9_]+)+$' AND length(action) <= 80),
    resource_kind text NOT NULL CHECK (resource_kind <> '' AND length(resource_kind) <= 40),
    resource_id text NOT NULL CHECK (length(resource_id) <= 120),
    asked bytea CHECK (octet_length(asked) BETWEEN 1 AND 64),
    before bytea CHECK (octet_length(before) = 32),
    after bytea CHECK (octet_length(after) = 32),
    details jsonb NOT NULL DEFAULT '{}' CHECK (jsonb_typeof(details) = 'object' AND octet_length(details::text) <= 8192),
    PRIMARY KEY (tenant_id, id)
);
COMMENT ON COLUMN identity.audit_entries.at IS 'Business time; recorded_at is wall time.';
COMMENT ON COLUMN identity.audit_entries.via IS 'session and api_key: credential says which. request: proven by the request itself, as a login is. process: nobody asked.';
CREATE INDEX audit_entries_xid ON identity.audit_entries (xid);
CREATE INDEX audit_entries_actor ON identity.audit_entries (tenant_id, actor, id);
CREATE INDEX audit_entries_resource ON identity.audit_entries (tenant_id, resource_id, id);
CALL kernel.protect('identity.audit_entries', app => 'SELECT, INSERT', engine => 'SELECT, INSERT');

-- The chain over all tenants, made after the fact by the engine: hash = sha256(hash before, seq as 8 bytes, leaf).
CREATE TABLE identity.audit_links (
    tenant_id uuid NOT NULL,
    seq bigint PRIMARY KEY CHECK (seq > 0),
    entry_id uuid NOT NULL,
    leaf bytea NOT NULL CHECK (octet_length(leaf) = 32),
    hash bytea NOT NULL CHECK (octet_length(hash) = 32),
    UNIQUE (tenant_id, entry_id)
);
CALL kernel.protect('identity.audit_links', app => 'SELECT', engine => 'SELECT, INSERT');

-- What the engine's key has vouched for: the chain up to `seq` had this hash at this time.
CREATE TABLE identity.audit_checkpoints (
    checkpoint_no bigint PRIMARY KEY CHECK (checkpoint_no > 0),
    seq bigint NOT NULL UNIQUE CHECK (seq > 0),
    hash bytea NOT NULL CHECK (octet_length(hash) = 32),
    made_at timestamptz NOT NULL,
    key_id text NOT NULL,
    signature bytea NOT NULL CHECK (octet_length(signature) = 64)
);
GRANT SELECT, INSERT ON identity.audit_checkpoints TO rivermouth_engine;

-- Where the engine stands: below `horizon` every entry has its link; the chain is checked again and again, up to checked_seq in this round.
CREATE TABLE identity.audit_state (
    one boolean PRIMARY KEY DEFAULT true CHECK (one),
    system_identifier bigint NOT NULL DEFAULT 0,
    horizon xid8 NOT NULL DEFAULT '0',
    checked_seq bigint NOT NULL DEFAULT 0,
    faults integer NOT NULL DEFAULT 0
);
INSERT INTO identity.audit_state DEFAULT VALUES;
GRANT SELECT, UPDATE ON identity.audit_state TO rivermouth_engine;

-- What of an entry goes into the chain: all of it. jsonb has one text for one meaning; times are microseconds.
CREATE FUNCTION identity.audit_leaf(e identity.audit_entries) RETURNS bytea LANGUAGE sql STABLE SET search_path = pg_catalog AS $$
    SELECT sha256(convert_to(jsonb_build_array(
        e.tenant_id, e.id, e.xid::text, (extract(epoch FROM e.at) * 1000000)::bigint, (extract(epoch FROM e.recorded_at) * 1000000)::bigint,
        e.actor, to_jsonb(e.roles), e.via, e.credential, e.address, e.request_id, e.action, e.resource_kind, e.resource_id,
        encode(e.asked, 'hex'), encode(e.before, 'hex'), encode(e.after, 'hex'), e.details)::text, 'UTF8'))
$$;
REVOKE ALL ON FUNCTION identity.audit_leaf(identity.audit_entries) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION identity.audit_leaf(identity.audit_entries) TO rivermouth_engine;

-- For a statement that is a transaction of its own: writes the entries, made ready before, of what the statement has just made.
CREATE FUNCTION identity.audit_write(resources uuid[], entries jsonb[]) RETURNS bigint
LANGUAGE sql VOLATILE SET search_path = pg_catalog AS $$
    WITH written AS (
        INSERT INTO identity.audit_entries (tenant_id, id, actor, roles, via, credential, address, request_id, action, resource_kind,
                                            resource_id, asked, before, after, details)
        SELECT nullif(current_setting('app.tenant', true), '')::uuid, e.id, e.actor, e.roles, e.via, e.credential, e.address, e.request_id,
               e.action, e.resource_kind, t.resource::text, decode(e.asked, 'hex'), decode(e.before, 'hex'), decode(e.after, 'hex'), e.details
          FROM unnest(resources, entries) AS t (resource, entry),
               jsonb_to_record(t.entry) AS e (id uuid, actor uuid, roles text[], via text, credential uuid, address text, request_id text,
                                              action text, resource_kind text, asked text, before text, after text, details jsonb)
        RETURNING 1)
    SELECT count(*) FROM written
$$;
REVOKE ALL ON FUNCTION identity.audit_write(uuid[], jsonb[]) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION identity.audit_write(uuid[], jsonb[]) TO rivermouth_app, rivermouth_engine;

-- Append-only, whatever the columns and whoever asks.
CREATE FUNCTION identity.refuse_change() RETURNS trigger LANGUAGE plpgsql SET search_path = pg_catalog AS $$
BEGIN
    RAISE EXCEPTION '% on %.% is refused: the table is append-only', TG_OP, TG_TABLE_SCHEMA, TG_TABLE_NAME USING ERRCODE = '42501';
END $$;
DO $$
DECLARE target text;
BEGIN
    FOREACH target IN ARRAY ARRAY['audit_entries', 'audit_links', 'audit_checkpoints'] LOOP
        EXECUTE format('CREATE TRIGGER append_only BEFORE UPDATE OR DELETE ON identity.%I
                        FOR EACH ROW EXECUTE FUNCTION identity.refuse_change()', target);
        EXECUTE format('CREATE TRIGGER no_truncate BEFORE TRUNCATE ON identity.%I
                        FOR EACH STATEMENT EXECUTE FUNCTION identity.refuse_change()', target);
    END LOOP;
END $$;
