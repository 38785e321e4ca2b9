-- Which house named which origin: a page may read the answers to its own house's tokens, and no other's.
DROP FUNCTION identity.origins();
GRANT SELECT (tenant_id, origin) ON identity.tenant_origins TO rivermouth_lookup;
CREATE FUNCTION identity.origins() RETURNS TABLE (tenant_id uuid, origin text)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
    SELECT o.tenant_id, o.origin FROM identity.tenant_origins o
$$;
GRANT CREATE ON SCHEMA identity TO rivermouth_lookup;
ALTER FUNCTION identity.origins() OWNER TO rivermouth_lookup;
REVOKE CREATE ON SCHEMA identity FROM rivermouth_lookup;
REVOKE ALL ON FUNCTION identity.origins() FROM PUBLIC;
GRANT EXECUTE ON FUNCTION identity.origins() TO rivermouth_app, rivermouth_engine;
