-- Sealing secrets anew: the engine, which sees all tenants, may replace a sealed value and nothing else of its row.
GRANT UPDATE (sealed_secret) ON identity.api_keys TO rivermouth_engine;
GRANT UPDATE (totp_secret, totp_offered) ON identity.second_factors TO rivermouth_engine;
GRANT UPDATE (sealed_secret) ON notices.webhooks TO rivermouth_engine;

-- Tables to come need nothing for it but the name of the column: what is called sealed… may be sealed anew.
CREATE OR REPLACE PROCEDURE kernel.protect(target regclass, app text DEFAULT 'SELECT', engine text DEFAULT 'SELECT')
LANGUAGE plpgsql AS $$
DECLARE
    sealed name;
BEGIN
    EXECUTE format('ALTER TABLE %s ENABLE ROW LEVEL SECURITY', target);
    EXECUTE format('ALTER TABLE %s FORCE ROW LEVEL SECURITY', target);
    EXECUTE format($p$CREATE POLICY tenant ON %s
        USING (tenant_id = nullif(current_setting('app.tenant', true), '')::uuid)
        WITH CHECK (tenant_id = nullif(current_setting('app.tenant', true), '')::uuid)$p$, target);
    EXECUTE format('CREATE POLICY engine ON %s TO rivermouth_engine USING (true) WITH CHECK (true)', target);
    IF app <> '' THEN EXECUTE format('GRANT %s ON %s TO rivermouth_app', app, target); END IF;
    IF engine <> '' THEN EXECUTE format('GRANT %s ON %s TO rivermouth_engine', engine, target); END IF;
    FOR sealed IN SELECT a.attname FROM pg_attribute a WHERE a.attrelid = target AND a.atttypid = 'bytea'::regtype
                     AND a.attnum > 0 AND NOT a.attisdropped AND starts_with(a.attname, 'sealed') LOOP
        EXECUTE format('GRANT UPDATE (%I) ON %s TO rivermouth_engine', sealed, target);
    END LOOP;
END $$;

-- Calls whose kind is of no use once they are settled are deleted after a while.
CREATE INDEX calls_settled ON kernel.calls (kind, settled_at) WHERE settled_at IS NOT NULL;
GRANT DELETE ON kernel.calls TO rivermouth_engine;
