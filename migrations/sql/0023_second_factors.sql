-- A login is a session: it lives through tokens that follow each other. Only hashes of tokens are stored. A used refresh token keeps the
-- salt from which its successors follow: who holds the token and asks again gets the same ones; who reads the table gets nothing.
CREATE TABLE identity.tokens (
    tenant_id uuid NOT NULL,
    token_hash bytea PRIMARY KEY CHECK (octet_length(token_hash) = 32),
    session_id uuid NOT NULL REFERENCES identity.sessions (id) ON DELETE CASCADE,
    kind text NOT NULL CHECK (kind IN ('access', 'refresh')),
    created_at timestamptz NOT NULL,
    expires_at timestamptz NOT NULL CHECK (expires_at > created_at),
    used_at timestamptz,
    salt bytea CHECK (octet_length(salt) = 32),
    CHECK ((used_at IS NULL) = (salt IS NULL)),
    CHECK (kind = 'refresh' OR used_at IS NULL)
);
CREATE INDEX tokens_of_session ON identity.tokens (session_id);
CREATE INDEX tokens_expiry ON identity.tokens (expires_at);
ALTER TABLE identity.sessions NO FORCE ROW LEVEL SECURITY;
INSERT INTO identity.tokens (tenant_id, token_hash, session_id, kind, created_at, expires_at)
    SELECT tenant_id, token_hash, id, 'access', created_at, expires_at FROM identity.sessions;

ALTER TABLE identity.sessions
    ADD COLUMN address text NOT NULL DEFAULT '' CHECK (length(address) <= 64),
    ADD COLUMN user_agent text NOT NULL DEFAULT '' CHECK (length(user_agent) <= 256),
    ADD COLUMN last_seen_at timestamptz,
    ADD COLUMN proven_at timestamptz,
    ADD COLUMN end_reason text CHECK (end_reason IN ('logout', 'killed', 'token_reused', 'security_changed'));
COMMENT ON COLUMN identity.sessions.proven_at IS 'When the person last showed the strongest factor enrolled: what a step-up looks at.';
UPDATE identity.sessions SET last_seen_at = created_at, proven_at = created_at;
UPDATE identity.sessions SET end_reason = 'logout' WHERE ended_at IS NOT NULL;
ALTER TABLE identity.sessions FORCE ROW LEVEL SECURITY;
ALTER TABLE identity.sessions ALTER COLUMN last_seen_at SET NOT NULL, DROP COLUMN token_hash,
    ADD CHECK ((ended_at IS NULL) = (end_reason IS NULL));
CALL kernel.protect('identity.tokens', app => 'SELECT, INSERT, UPDATE', engine => 'SELECT, DELETE');

CREATE POLICY lookup ON identity.tokens FOR SELECT TO rivermouth_lookup USING (true);
GRANT SELECT (tenant_id, session_id, token_hash) ON identity.tokens TO rivermouth_lookup;
GRANT SELECT (id) ON identity.sessions TO rivermouth_lookup;
GRANT CREATE ON SCHEMA identity TO rivermouth_lookup;
SET LOCAL ROLE rivermouth_lookup;
CREATE OR REPLACE FUNCTION identity.principal_by_token(wanted bytea) RETURNS TABLE (tenant_id uuid, principal_id uuid)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
    SELECT s.tenant_id, s.principal_id FROM identity.tokens t JOIN identity.sessions s ON s.id = t.session_id
    WHERE t.token_hash = wanted
$$;
RESET ROLE;
REVOKE CREATE ON SCHEMA identity FROM rivermouth_lookup;

-- What somebody knows or has beside the password. One row each, locked while a code is judged, so that guesses stand in a line.
CREATE TABLE identity.second_factors (
    tenant_id uuid NOT NULL,
    principal_id uuid PRIMARY KEY,
    totp_secret bytea,
    totp_offered bytea,
    last_step bigint NOT NULL DEFAULT 0,
    failures integer NOT NULL DEFAULT 0 CHECK (failures >= 0),
    locked_until timestamptz,
    weakened_at timestamptz,
    FOREIGN KEY (tenant_id, principal_id) REFERENCES identity.principals (tenant_id, id)
);
COMMENT ON COLUMN identity.second_factors.last_step IS 'The newest step of TOTP that was accepted: no code is good twice.';
COMMENT ON COLUMN identity.second_factors.weakened_at IS 'Business time of the last change a thief would make: a factor or the password replaced.';
CALL kernel.protect('identity.second_factors', app => 'SELECT, INSERT, UPDATE', engine => 'SELECT');

CREATE TABLE identity.recovery_codes (
    tenant_id uuid NOT NULL,
    principal_id uuid NOT NULL REFERENCES identity.second_factors (principal_id),
    code_hash bytea NOT NULL CHECK (octet_length(code_hash) = 32),
    used_at timestamptz,
    PRIMARY KEY (principal_id, code_hash)
);
CALL kernel.protect('identity.recovery_codes', app => 'SELECT, INSERT, UPDATE, DELETE', engine => 'SELECT');
