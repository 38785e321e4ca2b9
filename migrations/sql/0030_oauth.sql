-- Programs of others that act for our customers. A client is the program, a connection the customer's consent; a session that belongs to a
-- connection may do what its scopes say, and ends with it. Of secrets, codes and tokens only hashes are stored. All times are wall time.
CREATE TABLE identity.oauth_clients (
    tenant_id uuid NOT NULL,
    id uuid PRIMARY KEY,
    key text NOT NULL UNIQUE CHECK (key ~ '^rmc_[A-Za-z0-9_-]{22}$'),
    name text NOT NULL CHECK (length(name) BETWEEN 1 AND 64),
    secret_hash bytea CHECK (octet_length(secret_hash) = 32),
    grants text[] NOT NULL CHECK (cardinality(grants) > 0 AND grants <@ ARRAY['authorization_code', 'refresh_token', 'client_credentials',
        'urn:ietf:params:oauth:grant-type:device_code', 'urn:ietf:params:oauth:grant-type:token-exchange']),
    scopes text[] NOT NULL CHECK (cardinality(scopes) > 0 AND array_position(scopes, NULL) IS NULL AND scopes <@ ARRAY['read', 'trade']),
    redirect_uris text[] NOT NULL CHECK (cardinality(redirect_uris) <= 10),
    issuer text CHECK (length(issuer) <= 200),
    jwks jsonb,
    jwks_url text CHECK (length(jwks_url) <= 2048),
    origins text[] NOT NULL DEFAULT '{}' CHECK (cardinality(origins) <= 10),
    created_at timestamptz NOT NULL,
    removed_at timestamptz,
    UNIQUE (tenant_id, id),
    CHECK (secret_hash IS NOT NULL OR NOT 'client_credentials' = ANY (grants)),
    CHECK (cardinality(redirect_uris) > 0 OR NOT 'authorization_code' = ANY (grants)),
    CHECK (('urn:ietf:params:oauth:grant-type:token-exchange' = ANY (grants)) = (issuer IS NOT NULL)),
    CHECK ((issuer IS NOT NULL) = ((jwks IS NULL) <> (jwks_url IS NULL)))
);
COMMENT ON COLUMN identity.oauth_clients.secret_hash IS 'NULL: a public client, which can keep no secret.';
COMMENT ON COLUMN identity.oauth_clients.issuer IS 'Whose tokens are exchanged for ours, verified by jwks or what lies at jwks_url.';
COMMENT ON COLUMN identity.oauth_clients.origins IS 'Pages that may frame /embed and hand it a token.';
CREATE INDEX oauth_clients_list ON identity.oauth_clients (tenant_id, id DESC);
CALL kernel.protect('identity.oauth_clients', app => 'SELECT, INSERT, UPDATE (removed_at)', engine => 'SELECT, INSERT');

CREATE TABLE identity.oauth_connections (
    tenant_id uuid NOT NULL,
    id uuid PRIMARY KEY,
    client_id uuid NOT NULL,
    principal_id uuid NOT NULL,
    scopes text[] NOT NULL CHECK (cardinality(scopes) > 0 AND array_position(scopes, NULL) IS NULL AND scopes <@ ARRAY['read', 'trade']),
    subject text CHECK (length(subject) BETWEEN 1 AND 200),
    state text NOT NULL CHECK (state IN ('proposed', 'agreed', 'ended')),
    proposed_at timestamptz NOT NULL,
    agreed_at timestamptz,
    ended_at timestamptz,
    FOREIGN KEY (tenant_id, client_id) REFERENCES identity.oauth_clients (tenant_id, id),
    FOREIGN KEY (tenant_id, principal_id) REFERENCES identity.principals (tenant_id, id),
    CHECK (state <> 'proposed' OR agreed_at IS NULL),
    CHECK (state <> 'agreed' OR agreed_at IS NOT NULL),
    CHECK ((state = 'ended') = (ended_at IS NOT NULL))
);
COMMENT ON COLUMN identity.oauth_connections.subject IS 'What a partner calls this customer in its own tokens.';
CREATE UNIQUE INDEX oauth_connections_one ON identity.oauth_connections (client_id, principal_id) WHERE state <> 'ended';
CREATE UNIQUE INDEX oauth_connections_subject ON identity.oauth_connections (client_id, subject) WHERE state <> 'ended';
CREATE INDEX oauth_connections_of ON identity.oauth_connections (tenant_id, principal_id, id DESC);
CALL kernel.protect('identity.oauth_connections', app => 'SELECT, INSERT, UPDATE (scopes, subject, state, agreed_at, ended_at)', engine => 'SELECT');

ALTER TABLE identity.sessions
    ADD COLUMN connection_id uuid REFERENCES identity.oauth_connections (id),
    ADD COLUMN scopes text[] CHECK (cardinality(scopes) > 0 AND array_position(scopes, NULL) IS NULL AND scopes <@ ARRAY['read', 'trade']),
    ADD CONSTRAINT sessions_of_programs CHECK ((connection_id IS NULL) = (scopes IS NULL));
COMMENT ON COLUMN identity.sessions.scopes IS 'NULL: a person logged in. Else a program acts for them, and may do no more than this.';
CREATE INDEX sessions_of_connection ON identity.sessions (connection_id) WHERE connection_id IS NOT NULL;

CREATE TABLE identity.oauth_codes (
    tenant_id uuid NOT NULL,
    code_hash bytea PRIMARY KEY CHECK (octet_length(code_hash) = 32),
    connection_id uuid NOT NULL REFERENCES identity.oauth_connections (id),
    scopes text[] NOT NULL,
    redirect_uri text NOT NULL,
    challenge text NOT NULL CHECK (length(challenge) BETWEEN 43 AND 128),
    expires_at timestamptz NOT NULL,
    used_at timestamptz,
    session_id uuid,
    CHECK ((used_at IS NULL) = (session_id IS NULL))
);
COMMENT ON COLUMN identity.oauth_codes.session_id IS 'What the code opened: a second use of the code ends it.';
CREATE INDEX oauth_codes_expiry ON identity.oauth_codes (expires_at);
CALL kernel.protect('identity.oauth_codes', app => 'SELECT, INSERT, UPDATE (used_at, session_id)', engine => 'SELECT, DELETE');

CREATE TABLE identity.oauth_devices (
    tenant_id uuid NOT NULL,
    id uuid PRIMARY KEY,
    device_hash bytea NOT NULL UNIQUE CHECK (octet_length(device_hash) = 32),
    user_code text NOT NULL CHECK (user_code ~ '^[A-Z]{8}$'),
    client_id uuid NOT NULL,
    scopes text[] NOT NULL,
    state text NOT NULL CHECK (state IN ('pending', 'allowed', 'refused', 'used')),
    connection_id uuid REFERENCES identity.oauth_connections (id),
    address text NOT NULL CHECK (length(address) <= 64),
    interval_s integer NOT NULL CHECK (interval_s BETWEEN 1 AND 60),
    polled_at timestamptz,
    created_at timestamptz NOT NULL,
    expires_at timestamptz NOT NULL,
    FOREIGN KEY (tenant_id, client_id) REFERENCES identity.oauth_clients (tenant_id, id),
    CHECK (connection_id IS NOT NULL OR state NOT IN ('allowed', 'used'))
);
CREATE UNIQUE INDEX oauth_devices_code ON identity.oauth_devices (tenant_id, user_code);
CREATE INDEX oauth_devices_expiry ON identity.oauth_devices (expires_at);
CALL kernel.protect('identity.oauth_devices', app => 'SELECT, INSERT, UPDATE (state, connection_id, interval_s, polled_at)', engine => 'SELECT, DELETE');

-- A partner's token is good once.
CREATE TABLE identity.oauth_assertions (
    tenant_id uuid NOT NULL,
    client_id uuid NOT NULL,
    assertion_hash bytea NOT NULL CHECK (octet_length(assertion_hash) = 32),
    expires_at timestamptz NOT NULL,
    PRIMARY KEY (client_id, assertion_hash)
);
CREATE INDEX oauth_assertions_expiry ON identity.oauth_assertions (expires_at);
CALL kernel.protect('identity.oauth_assertions', app => 'SELECT, INSERT', engine => 'SELECT, DELETE');

-- Logins of staff that are under way at the provider; they belong to no tenant yet and stand under the tenant of the system.
CREATE TABLE identity.oidc_logins (
    tenant_id uuid NOT NULL,
    state_hash bytea PRIMARY KEY CHECK (octet_length(state_hash) = 32),
    browser_hash bytea NOT NULL CHECK (octet_length(browser_hash) = 32),
    nonce text NOT NULL,
    verifier text NOT NULL,
    expires_at timestamptz NOT NULL
);
CREATE INDEX oidc_logins_expiry ON identity.oidc_logins (expires_at);
CALL kernel.protect('identity.oidc_logins', app => 'SELECT, INSERT, DELETE', engine => 'SELECT, DELETE');

-- Who a member of staff is at the provider: bound at the first login, never another one afterwards.
CREATE TABLE identity.oidc_subjects (
    tenant_id uuid NOT NULL,
    principal_id uuid NOT NULL,
    issuer text NOT NULL,
    subject text NOT NULL CHECK (length(subject) BETWEEN 1 AND 255),
    bound_at timestamptz NOT NULL,
    PRIMARY KEY (principal_id, issuer),
    UNIQUE (issuer, subject),
    FOREIGN KEY (tenant_id, principal_id) REFERENCES identity.principals (tenant_id, id)
);
CALL kernel.protect('identity.oidc_subjects', app => 'SELECT, INSERT', engine => 'SELECT');

-- Asked before a tenant is known; answers (tenant, client) and nothing else.
CREATE POLICY lookup ON identity.oauth_clients FOR SELECT TO rivermouth_lookup USING (true);
GRANT SELECT (tenant_id, id, key) ON identity.oauth_clients TO rivermouth_lookup;
CREATE FUNCTION identity.oauth_client_by_key(wanted text) RETURNS TABLE (tenant_id uuid, client_id uuid)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
    SELECT c.tenant_id, c.id FROM identity.oauth_clients c WHERE c.key = wanted
$$;
GRANT CREATE ON SCHEMA identity TO rivermouth_lookup;
ALTER FUNCTION identity.oauth_client_by_key(text) OWNER TO rivermouth_lookup;
REVOKE CREATE ON SCHEMA identity FROM rivermouth_lookup;
REVOKE ALL ON FUNCTION identity.oauth_client_by_key(text) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION identity.oauth_client_by_key(text) TO rivermouth_app, rivermouth_engine;
