-- Who may do what: tenants, principals (customers and staff), their passwords and their sessions.
CREATE SCHEMA identity;
GRANT USAGE ON SCHEMA identity TO rivermouth_app, rivermouth_engine, rivermouth_ledger, rivermouth_lookup;

CREATE TABLE identity.tenants (
    id uuid PRIMARY KEY,
    name text NOT NULL CHECK (name <> ''),
    created_at timestamptz NOT NULL DEFAULT now()
);
GRANT SELECT ON identity.tenants TO rivermouth_app;
GRANT SELECT, INSERT ON identity.tenants TO rivermouth_engine;

-- The e-mail is unique in the whole deployment, not per tenant: a login names no tenant.
CREATE TABLE identity.principals (
    tenant_id uuid NOT NULL REFERENCES identity.tenants (id),
    id uuid PRIMARY KEY,
    kind text NOT NULL CHECK (kind IN ('customer', 'staff')),
    email text NOT NULL UNIQUE CHECK (email = lower(email) AND length(email) BETWEEN 3 AND 254),
    name text NOT NULL DEFAULT '',
    roles text[] NOT NULL CHECK (
        cardinality(roles) > 0 AND array_position(roles, NULL) IS NULL
        AND roles <@ ARRAY['retail', 'treasury', 'product', 'finance', 'admin', 'support', 'compliance', 'auditor']
        AND (kind = 'customer') = (roles = ARRAY['retail'])
    ),
    status text NOT NULL DEFAULT 'active' CHECK (status IN ('active', 'disabled')),
    created_at timestamptz NOT NULL DEFAULT now(),
    UNIQUE (tenant_id, id)
);
CALL kernel.protect('identity.principals', app => 'SELECT, INSERT, UPDATE', engine => 'SELECT, INSERT, UPDATE');

-- Apart from principals, so that reading a name never reads a password hash.
CREATE TABLE identity.credentials (
    tenant_id uuid NOT NULL,
    principal_id uuid PRIMARY KEY,
    password_hash text NOT NULL CHECK (password_hash LIKE '$argon2id$%'),
    changed_at timestamptz NOT NULL DEFAULT now(),
    FOREIGN KEY (tenant_id, principal_id) REFERENCES identity.principals (tenant_id, id)
);
CALL kernel.protect('identity.credentials', app => 'SELECT, INSERT, UPDATE', engine => 'INSERT, UPDATE');
GRANT SELECT (tenant_id, principal_id) ON identity.credentials TO rivermouth_engine;

-- Only the hash of a token is stored: who reads this table cannot log in with it. Judged by wall time.
CREATE TABLE identity.sessions (
    tenant_id uuid NOT NULL,
    id uuid PRIMARY KEY,
    principal_id uuid NOT NULL,
    token_hash bytea NOT NULL UNIQUE CHECK (octet_length(token_hash) = 32),
    created_at timestamptz NOT NULL,
    expires_at timestamptz NOT NULL CHECK (expires_at > created_at),
    ended_at timestamptz,
    FOREIGN KEY (tenant_id, principal_id) REFERENCES identity.principals (tenant_id, id)
);
CREATE INDEX sessions_of_principal ON identity.sessions (tenant_id, principal_id);
CREATE INDEX sessions_expiry ON identity.sessions (expires_at);
CALL kernel.protect('identity.sessions', app => 'SELECT, INSERT, UPDATE', engine => 'SELECT, DELETE');

-- The two questions that are asked before a tenant is known. They answer (tenant, principal) and nothing else. Row-level
-- security is forced, so their owner, who cannot log in, needs a policy of its own and sees only these columns.
CREATE POLICY lookup ON identity.principals FOR SELECT TO rivermouth_lookup USING (true);
CREATE POLICY lookup ON identity.sessions FOR SELECT TO rivermouth_lookup USING (true);
GRANT SELECT (tenant_id, id, email) ON identity.principals TO rivermouth_lookup;
GRANT SELECT (tenant_id, principal_id, token_hash) ON identity.sessions TO rivermouth_lookup;

CREATE FUNCTION identity.principal_by_email(wanted text) RETURNS TABLE (tenant_id uuid, principal_id uuid)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
    SELECT p.tenant_id, p.id FROM identity.principals p WHERE p.email = wanted
$$;
CREATE FUNCTION identity.principal_by_token(wanted bytea) RETURNS TABLE (tenant_id uuid, principal_id uuid)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
    SELECT s.tenant_id, s.principal_id FROM identity.sessions s WHERE s.token_hash = wanted
$$;
-- A function's new owner must be allowed to create in its schema at the moment of the change, and only then.
GRANT CREATE ON SCHEMA identity TO rivermouth_lookup;
ALTER FUNCTION identity.principal_by_email(text) OWNER TO rivermouth_lookup;
ALTER FUNCTION identity.principal_by_token(bytea) OWNER TO rivermouth_lookup;
REVOKE CREATE ON SCHEMA identity FROM rivermouth_lookup;
REVOKE ALL ON FUNCTION identity.principal_by_email(text), identity.principal_by_token(bytea) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION identity.principal_by_email(text), identity.principal_by_token(bytea)
    TO rivermouth_app, rivermouth_engine;
