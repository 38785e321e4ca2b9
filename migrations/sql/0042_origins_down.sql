DROP FUNCTION identity.origins();
CREATE FUNCTION identity.origins() RETURNS SETOF text
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
    SELECT DISTINCT o.origin FROM identity.tenant_origins o
$$;
GRANT CREATE ON SCHEMA identity TO rivermouth_lookup;
ALTER FUNCTION identity.origins() OWNER TO rivermouth_lookup;
REVOKE CREATE ON SCHEMA identity FROM rivermouth_lookup;
REVOKE ALL ON FUNCTION identity.origins() FROM PUBLIC;
GRANT EXECUTE ON FUNCTION identity.origins() TO rivermouth_app, rivermouth_engine;
REVOKE SELECT (tenant_id) ON identity.tenant_origins FROM rivermouth_lookup;
