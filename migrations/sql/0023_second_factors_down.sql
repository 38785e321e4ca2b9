DROP TABLE identity.recovery_codes;
DROP TABLE identity.second_factors;
-- Without tokens that follow each other a session is its newest access token; sessions without one end here.
ALTER TABLE identity.sessions ADD COLUMN token_hash bytea CHECK (octet_length(token_hash) = 32);
ALTER TABLE identity.sessions NO FORCE ROW LEVEL SECURITY;
ALTER TABLE identity.tokens NO FORCE ROW LEVEL SECURITY;
UPDATE identity.sessions s SET token_hash = t.token_hash, expires_at = t.expires_at FROM (
    SELECT DISTINCT ON (session_id) session_id, token_hash, expires_at FROM identity.tokens
    WHERE kind = 'access' ORDER BY session_id, created_at DESC, expires_at DESC
) t WHERE t.session_id = s.id;
DELETE FROM identity.sessions WHERE token_hash IS NULL;
ALTER TABLE identity.sessions FORCE ROW LEVEL SECURITY;
ALTER TABLE identity.sessions
    ALTER COLUMN token_hash SET NOT NULL, ADD UNIQUE (token_hash),
    DROP COLUMN address, DROP COLUMN user_agent, DROP COLUMN last_seen_at, DROP COLUMN proven_at, DROP COLUMN end_reason;
GRANT SELECT (token_hash) ON identity.sessions TO rivermouth_lookup;
GRANT CREATE ON SCHEMA identity TO rivermouth_lookup;
SET LOCAL ROLE rivermouth_lookup;
CREATE OR REPLACE FUNCTION identity.principal_by_token(wanted bytea) RETURNS TABLE (tenant_id uuid, principal_id uuid)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
    SELECT s.tenant_id, s.principal_id FROM identity.sessions s WHERE s.token_hash = wanted
$$;
RESET ROLE;
REVOKE CREATE ON SCHEMA identity FROM rivermouth_lookup;
DROP TABLE identity.tokens;
