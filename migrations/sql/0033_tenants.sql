-- What a tenant decides about itself by one person: how it looks, what it offers, which pages may call its API.
CREATE TABLE identity.tenant_settings (
    tenant_id uuid PRIMARY KEY REFERENCES identity.tenants (id),
    version integer NOT NULL DEFAULT 1 CHECK (version > 0),
    name text NOT NULL CHECK (length(name) BETWEEN 1 AND 80),
    logo_text text CHECK (length(logo_text) BETWEEN 1 AND 24),
    accent_dark text CHECK (accent_dark ~ '^#[0-9a-f]{6}$'),
    accent_light text CHECK (accent_light ~ '^#[0-9a-f]{6}$'),
    products text[] NOT NULL DEFAULT '{payments,trading}' CHECK (products <@ ARRAY['payments', 'trading']),
    registration_open boolean NOT NULL DEFAULT true,
    changed_at timestamptz NOT NULL DEFAULT now()
);
COMMENT ON COLUMN identity.tenant_settings.accent_dark IS 'NULL: the colour of the house, as for the others.';

CREATE TABLE identity.tenant_origins (
    tenant_id uuid NOT NULL REFERENCES identity.tenants (id),
    origin text NOT NULL CHECK (origin ~ '^https?://[^/]+$' AND length(origin) <= 255),
    PRIMARY KEY (tenant_id, origin)
);

-- Whose pages are served under a name. The operator gives names: who could take one could dress up as another house.
CREATE TABLE identity.tenant_hosts (
    tenant_id uuid NOT NULL REFERENCES identity.tenants (id),
    host text PRIMARY KEY CHECK (host = lower(host) AND length(host) BETWEEN 1 AND 255)
);
CREATE INDEX tenant_hosts_of_tenant ON identity.tenant_hosts (tenant_id);

-- What keeps money in: who holds the keys, how long a new address waits, what leaves without a person looking.
CREATE TABLE identity.policies (
    tenant_id uuid PRIMARY KEY REFERENCES identity.tenants (id),
    version integer NOT NULL DEFAULT 1 CHECK (version > 0),
    custody text NOT NULL DEFAULT 'own' CHECK (custody IN ('own', 'partner')),
    whitelist_delay_h integer NOT NULL DEFAULT 24 CHECK (whitelist_delay_h BETWEEN 0 AND 720),
    change_delay_h integer NOT NULL DEFAULT 24 CHECK (change_delay_h BETWEEN 1 AND 720),
    limits jsonb NOT NULL DEFAULT '{}' CHECK (jsonb_typeof(limits) = 'object'),
    change_id uuid,
    changed_at timestamptz NOT NULL DEFAULT now()
);
COMMENT ON COLUMN identity.policies.limits IS 'Amounts in USDT as text, by name; a name that is missing lets nothing out without a person.';
COMMENT ON COLUMN identity.policies.change_id IS 'The change that two people made, where the last one loosened something.';

-- A wish to loosen the policy: it waits for a second person, and then for its time. What is wished for is never updated.
CREATE TABLE identity.policy_changes (
    tenant_id uuid NOT NULL REFERENCES identity.tenants (id),
    id uuid PRIMARY KEY,
    base_version integer NOT NULL,
    before jsonb NOT NULL,
    after jsonb NOT NULL,
    loosens text[] NOT NULL CHECK (cardinality(loosens) > 0),
    delay_h integer NOT NULL CHECK (delay_h >= 1),
    approval_id uuid NOT NULL,
    asked_by uuid NOT NULL,
    state text NOT NULL CHECK (state IN ('waiting', 'scheduled', 'in_force', 'ended')),
    approved_by uuid,
    asked_at timestamptz NOT NULL,
    effective_at timestamptz,
    ended_at timestamptz,
    reason text CHECK (length(reason) BETWEEN 1 AND 500),
    CHECK (approved_by <> asked_by),
    CHECK ((approved_by IS NULL) = (effective_at IS NULL)),
    CHECK (approved_by IS NOT NULL OR state NOT IN ('scheduled', 'in_force')),
    CHECK ((ended_at IS NULL) = (state IN ('waiting', 'scheduled'))),
    CHECK ((reason IS NOT NULL) = (state = 'ended'))
);
COMMENT ON COLUMN identity.policy_changes.effective_at IS 'Business time, as all moments of this table.';
CREATE UNIQUE INDEX policy_changes_one_open ON identity.policy_changes (tenant_id) WHERE state IN ('waiting', 'scheduled');
CREATE INDEX policy_changes_of_tenant ON identity.policy_changes (tenant_id, id DESC);
CREATE INDEX policy_changes_due ON identity.policy_changes (effective_at) WHERE state = 'scheduled';

INSERT INTO identity.tenant_settings (tenant_id, name) SELECT id, left(name, 80) FROM identity.tenants;
INSERT INTO identity.policies (tenant_id) SELECT id FROM identity.tenants;

CALL kernel.protect('identity.tenant_settings', app => 'SELECT, UPDATE', engine => 'SELECT, INSERT, UPDATE');
CALL kernel.protect('identity.tenant_origins', app => 'SELECT, INSERT, DELETE', engine => 'SELECT');
CALL kernel.protect('identity.tenant_hosts', app => 'SELECT', engine => 'SELECT, INSERT, DELETE');
CALL kernel.protect('identity.policies', app => 'SELECT, UPDATE', engine => 'SELECT, INSERT, UPDATE');
CALL kernel.protect('identity.policy_changes', app => 'SELECT, UPDATE (state, ended_at, reason), INSERT (tenant_id, id,
    base_version, before, after, loosens, delay_h, approval_id, asked_by, state, asked_at)', -- so only the engine can say that one was agreed to
    engine => 'SELECT, UPDATE (state, approved_by, effective_at, ended_at, reason)');

-- Every tenant has both rows from its first moment on, whoever makes it.
CREATE FUNCTION identity.tenant_begins() RETURNS trigger LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    INSERT INTO identity.tenant_settings (tenant_id, name) VALUES (NEW.id, left(NEW.name, 80));
    INSERT INTO identity.policies (tenant_id) VALUES (NEW.id);
    RETURN NULL;
END $$;
REVOKE ALL ON FUNCTION identity.tenant_begins() FROM PUBLIC;
CREATE TRIGGER tenant_begins AFTER INSERT ON identity.tenants FOR EACH ROW EXECUTE FUNCTION identity.tenant_begins();

-- What a programmer forgot or somebody with a role of the product tries: looser only as a change says that two people made and whose
-- time has come.
CREATE FUNCTION identity.policy_loosens_by_two() RETURNS trigger LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    IF NEW.tenant_id <> OLD.tenant_id OR NEW.version <> OLD.version + 1 THEN
        RAISE EXCEPTION 'each change of a policy is its next version' USING ERRCODE = 'check_violation';
    END IF;
    IF NEW.custody = OLD.custody AND NEW.whitelist_delay_h >= OLD.whitelist_delay_h AND NEW.change_delay_h >= OLD.change_delay_h
       AND NOT EXISTS (SELECT FROM jsonb_each_text(NEW.limits) n
                        WHERE NOT coalesce(n.value::numeric <= (OLD.limits ->> n.key)::numeric, false))
    THEN
        RETURN NEW;
    END IF;
    PERFORM FROM identity.policy_changes c
      WHERE c.tenant_id = NEW.tenant_id AND c.id = NEW.change_id AND c.state = 'scheduled' AND c.base_version = OLD.version
        AND c.effective_at <= kernel.business_now()
        AND c.after = jsonb_build_object('custody', NEW.custody, 'whitelist_delay_h', NEW.whitelist_delay_h,
                                         'change_delay_h', NEW.change_delay_h, 'limits', NEW.limits);
    IF NOT FOUND THEN
        RAISE EXCEPTION 'a policy loosens by two people and after its delay' USING ERRCODE = 'check_violation';
    END IF;
    RETURN NEW;
END $$;
REVOKE ALL ON FUNCTION identity.policy_loosens_by_two() FROM PUBLIC;
CREATE TRIGGER policy_loosens_by_two BEFORE UPDATE ON identity.policies
    FOR EACH ROW EXECUTE FUNCTION identity.policy_loosens_by_two();

-- A browser asks which pages may call us before it says who calls: no secret, and read for all tenants at once.
CREATE POLICY lookup ON identity.tenant_origins FOR SELECT TO rivermouth_lookup USING (true);
GRANT SELECT (origin) ON identity.tenant_origins TO rivermouth_lookup;
CREATE FUNCTION identity.origins() RETURNS SETOF text
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
    SELECT DISTINCT o.origin FROM identity.tenant_origins o
$$;

-- Asked before a tenant is known; answers its id and nothing else.
CREATE POLICY lookup ON identity.tenant_hosts FOR SELECT TO rivermouth_lookup USING (true);
GRANT SELECT (tenant_id, host) ON identity.tenant_hosts TO rivermouth_lookup;
CREATE FUNCTION identity.tenant_by_host(wanted text) RETURNS uuid
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
    SELECT h.tenant_id FROM identity.tenant_hosts h WHERE h.host = wanted
$$;
GRANT CREATE ON SCHEMA identity TO rivermouth_lookup;
ALTER FUNCTION identity.tenant_by_host(text) OWNER TO rivermouth_lookup;
ALTER FUNCTION identity.origins() OWNER TO rivermouth_lookup;
REVOKE CREATE ON SCHEMA identity FROM rivermouth_lookup;
REVOKE ALL ON FUNCTION identity.tenant_by_host(text), identity.origins() FROM PUBLIC;
GRANT EXECUTE ON FUNCTION identity.tenant_by_host(text), identity.origins() TO rivermouth_app, rivermouth_engine;
