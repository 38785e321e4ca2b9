-- Passkeys: a public key each, whose private half never leaves its owner's device. A challenge is good once.
CREATE TABLE identity.passkeys (
    tenant_id uuid NOT NULL,
    id uuid PRIMARY KEY,
    principal_id uuid NOT NULL,
    credential_id bytea NOT NULL UNIQUE CHECK (octet_length(credential_id) BETWEEN 1 AND 1023),
    public_key bytea NOT NULL,
    sign_count bigint NOT NULL CHECK (sign_count >= 0),
    name text NOT NULL CHECK (length(name) BETWEEN 1 AND 64),
    created_at timestamptz NOT NULL,
    last_used_at timestamptz,
    FOREIGN KEY (tenant_id, principal_id) REFERENCES identity.principals (tenant_id, id)
);
CREATE INDEX passkeys_of_principal ON identity.passkeys (principal_id);
CALL kernel.protect('identity.passkeys', app => 'SELECT, INSERT, UPDATE, DELETE', engine => 'SELECT');

-- Challenges for a login belong to no tenant yet: they stand under the tenant of the system.
CREATE TABLE identity.passkey_challenges (
    tenant_id uuid NOT NULL,
    id uuid PRIMARY KEY,
    principal_id uuid,
    purpose text NOT NULL CHECK (purpose IN ('register', 'login', 'step_up')),
    challenge bytea NOT NULL CHECK (octet_length(challenge) = 32),
    expires_at timestamptz NOT NULL,
    CHECK ((principal_id IS NULL) = (purpose = 'login'))
);
CREATE INDEX passkey_challenges_expiry ON identity.passkey_challenges (expires_at);
CALL kernel.protect('identity.passkey_challenges', app => 'SELECT, INSERT, DELETE', engine => 'SELECT, DELETE');

-- Asked before a tenant is known; answers (tenant, principal) and nothing else.
CREATE POLICY lookup ON identity.passkeys FOR SELECT TO rivermouth_lookup USING (true);
GRANT SELECT (tenant_id, principal_id, credential_id) ON identity.passkeys TO rivermouth_lookup;
CREATE FUNCTION identity.principal_by_passkey(wanted bytea) RETURNS TABLE (tenant_id uuid, principal_id uuid)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
    SELECT k.tenant_id, k.principal_id FROM identity.passkeys k WHERE k.credential_id = wanted
$$;
GRANT CREATE ON SCHEMA identity TO rivermouth_lookup;
ALTER FUNCTION identity.principal_by_passkey(bytea) OWNER TO rivermouth_lookup;
REVOKE CREATE ON SCHEMA identity FROM rivermouth_lookup;
REVOKE ALL ON FUNCTION identity.principal_by_passkey(bytea) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION identity.principal_by_passkey(bytea) TO rivermouth_app, rivermouth_engine;
