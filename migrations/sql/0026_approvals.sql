-- Staff may hold several logins. Those of one person name one of them here; a login without it is a person of its own.
ALTER TABLE identity.principals ADD COLUMN person_id uuid,
    ADD CONSTRAINT principals_person FOREIGN KEY (tenant_id, person_id) REFERENCES identity.principals (tenant_id, id);
CREATE INDEX principals_of_person ON identity.principals (person_id) WHERE person_id IS NOT NULL;

-- What one person asked for and another one decides. What is asked for is written once: no role may update those columns.
CREATE TABLE identity.approvals (
    id uuid PRIMARY KEY,
    tenant_id uuid NOT NULL,
    kind text NOT NULL CHECK (kind ~ '^[a-z_]+(\.[a-z_]+)+$' AND length(kind) <= 64),
    resource_id uuid NOT NULL,
    version integer NOT NULL,
    summary jsonb NOT NULL CHECK (jsonb_typeof(summary) = 'object'),
    digest bytea NOT NULL CHECK (octet_length(digest) = 32),
    permission text NOT NULL,
    read_permission text NOT NULL,
    maker uuid NOT NULL,
    state text NOT NULL CHECK (state IN ('requested', 'granted', 'carried_out', 'failed', 'rejected', 'expired', 'void')),
    checker uuid,
    reason text CHECK (length(reason) BETWEEN 1 AND 500),
    created_at timestamptz NOT NULL,
    expires_at timestamptz CHECK (expires_at > created_at),
    decided_at timestamptz,
    ended_at timestamptz,
    FOREIGN KEY (tenant_id, maker) REFERENCES identity.principals (tenant_id, id),
    FOREIGN KEY (tenant_id, checker) REFERENCES identity.principals (tenant_id, id),
    CHECK (checker <> maker), -- the second person is another one, whoever writes the row
    CHECK ((checker IS NULL) = (decided_at IS NULL)),
    CHECK (checker IS NULL OR state NOT IN ('requested', 'expired')),
    CHECK (checker IS NOT NULL OR state IN ('requested', 'expired', 'void')),
    CHECK ((ended_at IS NULL) = (state IN ('requested', 'granted'))),
    CHECK (reason IS NOT NULL OR state NOT IN ('rejected', 'failed', 'void'))
);
COMMENT ON COLUMN identity.approvals.expires_at IS 'Business time; NULL where the thing itself waits without an end.';
CREATE UNIQUE INDEX approvals_one_open ON identity.approvals (tenant_id, kind, resource_id) WHERE state IN ('requested', 'granted');
CREATE INDEX approvals_of_resource ON identity.approvals (tenant_id, kind, resource_id, id);
CREATE INDEX approvals_list ON identity.approvals (tenant_id, id);
CREATE INDEX approvals_of_maker ON identity.approvals (tenant_id, maker, id);
CREATE INDEX approvals_expiry ON identity.approvals (expires_at) WHERE state = 'requested';
CALL kernel.protect('identity.approvals', app => 'SELECT, INSERT, UPDATE (state, checker, reason, decided_at, ended_at)',
    engine => 'SELECT, INSERT, UPDATE (state, checker, reason, decided_at, ended_at)');

-- Two accounts of one person are one person, and who decided is never somebody else later.
CREATE FUNCTION identity.approval_needs_two() RETURNS trigger LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    IF TG_OP = 'INSERT' AND NEW.state <> 'requested' THEN
        RAISE EXCEPTION 'an approval begins with a request' USING ERRCODE = 'check_violation';
    END IF;
    IF TG_OP = 'UPDATE' AND OLD.checker IS NOT NULL AND NEW.checker IS DISTINCT FROM OLD.checker THEN
        RAISE EXCEPTION 'a decision keeps its checker' USING ERRCODE = 'check_violation';
    END IF;
    IF TG_OP = 'UPDATE' AND NEW.checker IS DISTINCT FROM OLD.checker AND (
        SELECT count(DISTINCT coalesce(p.person_id, p.id)) FROM identity.principals p
         WHERE p.tenant_id = NEW.tenant_id AND p.id IN (NEW.maker, NEW.checker)) <> 2
    THEN
        RAISE EXCEPTION 'an approval needs two people' USING ERRCODE = 'check_violation';
    END IF;
    RETURN NEW;
END $$;
REVOKE ALL ON FUNCTION identity.approval_needs_two() FROM PUBLIC;
CREATE TRIGGER approval_needs_two BEFORE INSERT OR UPDATE ON identity.approvals
    FOR EACH ROW EXECUTE FUNCTION identity.approval_needs_two();

-- What a second person decided about a file in the inbox is written down by the engine; its rows are still the worker's.
GRANT UPDATE (state, position, claimed_by, claimed_until, decided_by, decided_at, finished_at) ON payments.imports TO rivermouth_engine;
GRANT SELECT (import_id, tenant_id, status) ON payments.import_rows TO rivermouth_engine;
