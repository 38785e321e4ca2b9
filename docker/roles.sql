-- Everything a cluster needs before `rivermouth migrate`: roles, passwords, the database. Run once, as a superuser:
--   psql -v owner=… -v app=… -v engine=… -f docker/roles.sql
\set ON_ERROR_STOP on
\ir ../kernel/roles.sql
CREATE ROLE rivermouth_owner LOGIN NOSUPERUSER NOBYPASSRLS PASSWORD :'owner';
ALTER ROLE rivermouth_owner SET search_path = kernel, public;
ALTER ROLE rivermouth_app PASSWORD :'app';
ALTER ROLE rivermouth_engine PASSWORD :'engine';
GRANT rivermouth_ledger, rivermouth_lookup TO rivermouth_owner WITH INHERIT TRUE, SET TRUE;
CREATE DATABASE rivermouth OWNER rivermouth_owner;
REVOKE ALL ON DATABASE rivermouth FROM PUBLIC;
GRANT CONNECT ON DATABASE rivermouth TO rivermouth_app, rivermouth_engine;
GRANT TEMPORARY ON DATABASE rivermouth TO rivermouth_ledger;  -- the stage of the bulk door
