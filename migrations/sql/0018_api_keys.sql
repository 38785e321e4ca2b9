-- API keys: programs of a customer that sign their requests. The key names itself in clear; its secret is sealed (kernel/crypto), or
-- there is none because the customer keeps the private half of an Ed25519 pair.
CREATE TABLE identity.api_keys (
    tenant_id uuid NOT NULL,
    id uuid PRIMARY KEY,
    principal_id uuid NOT NULL,
    key text NOT NULL UNIQUE CHECK (key ~ '^rmk_[A-Za-z0-9_-]{43}$'),
    name text NOT NULL CHECK (length(name) BETWEEN 1 AND 64),
    scopes text[] NOT NULL CHECK (cardinality(scopes) > 0 AND array_position(scopes, NULL) IS NULL AND scopes <@ ARRAY['read', 'trade']),
    ip_allow cidr[] NOT NULL DEFAULT '{}' CHECK (cardinality(ip_allow) <= 20),
    sealed_secret bytea,
    public_key bytea CHECK (octet_length(public_key) = 32),
    created_at timestamptz NOT NULL,
    last_used_at timestamptz,
    revoked_at timestamptz,
    CHECK ((sealed_secret IS NULL) <> (public_key IS NULL)),
    FOREIGN KEY (tenant_id, principal_id) REFERENCES identity.principals (tenant_id, id)
);
CREATE INDEX api_keys_of_principal ON identity.api_keys (tenant_id, principal_id, id DESC);
CALL kernel.protect('identity.api_keys', app => 'SELECT, INSERT, UPDATE', engine => 'SELECT');

-- Asked before a tenant is known; answers (tenant, principal) and nothing else.
CREATE POLICY lookup ON identity.api_keys FOR SELECT TO rivermouth_lookup USING (true);
GRANT SELECT (tenant_id, principal_id, key) ON identity.api_keys TO rivermouth_lookup;
CREATE FUNCTION identity.principal_by_api_key(wanted text) RETURNS TABLE (tenant_id uuid, principal_id uuid)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
    SELECT k.tenant_id, k.principal_id FROM identity.api_keys k WHERE k.key = wanted
$$;
GRANT CREATE ON SCHEMA identity TO rivermouth_lookup;
ALTER FUNCTION identity.principal_by_api_key(text) OWNER TO rivermouth_lookup;
REVOKE CREATE ON SCHEMA identity FROM rivermouth_lookup;
REVOKE ALL ON FUNCTION identity.principal_by_api_key(text) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION identity.principal_by_api_key(text) TO rivermouth_app, rivermouth_engine;

-- Bots that speak Binance's dialect know orders and trades by integers, in the order in which they were made.
ALTER TABLE broker.orders ADD COLUMN number bigint GENERATED ALWAYS AS IDENTITY;
CREATE UNIQUE INDEX orders_number ON broker.orders (number);
CREATE INDEX orders_of_owner_by_number ON broker.orders (tenant_id, owner_id, symbol, number);
ALTER TABLE broker.fills ADD COLUMN number bigint GENERATED ALWAYS AS IDENTITY;
CREATE UNIQUE INDEX fills_number ON broker.fills (number);
