REVOKE DELETE ON kernel.calls FROM rivermouth_engine;
DROP INDEX kernel.calls_settled;
REVOKE UPDATE (sealed_secret) ON notices.webhooks FROM rivermouth_engine;
REVOKE UPDATE (totp_secret, totp_offered) ON identity.second_factors FROM rivermouth_engine;
REVOKE UPDATE (sealed_secret) ON identity.api_keys FROM rivermouth_engine;

CREATE OR REPLACE PROCEDURE kernel.protect(target regclass, app text DEFAULT 'SELECT', engine text DEFAULT 'SELECT')
LANGUAGE plpgsql AS $$
BEGIN
    EXECUTE format('ALTER TABLE %s ENABLE ROW LEVEL SECURITY', target);
    EXECUTE format('ALTER TABLE %s FORCE ROW LEVEL SECURITY', target);
    EXECUTE format($p$CREATE POLICY tenant ON %s
        USING (tenant_id = nullif(current_setting('app.tenant', true), '')::uuid)
        WITH CHECK (tenant_id = nullif(current_setting('app.tenant', true), '')::uuid)$p$, target);
    EXECUTE format('CREATE POLICY engine ON %s TO rivermouth_engine USING (true) WITH CHECK (true)', target);
    IF app <> '' THEN EXECUTE format('GRANT %s ON %s TO rivermouth_app', app, target); END IF;
    IF engine <> '' THEN EXECUTE format('GRANT %s ON %s TO rivermouth_engine', engine, target); END IF;
END $$;
