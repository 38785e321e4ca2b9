-- The roles of the product, made by set-up (embedded server, container, administrator), never by a migration.
-- Run by a superuser, or by the owner with CREATEROLE. Safe to run again. Passwords are set elsewhere.
DO $roles$
DECLARE
    wanted record;
BEGIN
    FOR wanted IN
        SELECT * FROM (VALUES
            ('rivermouth_app', true),       -- API and worker: one tenant per transaction
            ('rivermouth_engine', true),    -- owners, consumers, checks: listed cross-tenant policies
            ('rivermouth_ledger', false),   -- owns the functions that write money
            ('rivermouth_lookup', false)    -- owns the functions that find a tenant by token or e-mail
        ) AS roles (name, login)
    LOOP
        IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = wanted.name) THEN
            EXECUTE format('CREATE ROLE %I %s NOINHERIT', wanted.name, CASE WHEN wanted.login THEN 'LOGIN' ELSE 'NOLOGIN' END);
        END IF;
    END LOOP;
END
$roles$;

-- A forgotten or endless transaction holds the fold of the ledger back: nobody but the owner may keep one.
ALTER ROLE rivermouth_app SET idle_in_transaction_session_timeout = '5s';
ALTER ROLE rivermouth_app SET transaction_timeout = '30s';
ALTER ROLE rivermouth_app SET lock_timeout = '5s';
ALTER ROLE rivermouth_app SET search_path = kernel, public;
ALTER ROLE rivermouth_engine SET idle_in_transaction_session_timeout = '5s';
ALTER ROLE rivermouth_engine SET transaction_timeout = '60s';
ALTER ROLE rivermouth_engine SET lock_timeout = '5s';
ALTER ROLE rivermouth_engine SET search_path = kernel, public;

-- The engine names who holds the fold back; without the right (an administrator may refuse it) it only says that somebody does.
DO $roles$
BEGIN
    GRANT pg_read_all_stats TO rivermouth_engine WITH INHERIT TRUE;
EXCEPTION WHEN insufficient_privilege THEN
    RAISE NOTICE 'pg_read_all_stats was not granted to rivermouth_engine';
END
$roles$;
