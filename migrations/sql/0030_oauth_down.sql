DROP FUNCTION identity.oauth_client_by_key(text);
DROP TABLE identity.oidc_subjects, identity.oidc_logins, identity.oauth_assertions, identity.oauth_devices, identity.oauth_codes;
-- Who acts for somebody by a connection has no place in the older schema: without the column it would be a login of theirs.
ALTER TABLE identity.sessions NO FORCE ROW LEVEL SECURITY;
ALTER TABLE identity.tokens NO FORCE ROW LEVEL SECURITY;
DELETE FROM identity.sessions WHERE connection_id IS NOT NULL;
ALTER TABLE identity.tokens FORCE ROW LEVEL SECURITY;
ALTER TABLE identity.sessions FORCE ROW LEVEL SECURITY;
DROP INDEX identity.sessions_of_connection;
ALTER TABLE identity.sessions DROP CONSTRAINT sessions_of_programs, DROP COLUMN scopes, DROP COLUMN connection_id;
DROP TABLE identity.oauth_connections, identity.oauth_clients;
