-- Venues keep almost nothing here: orders and balances belong to broker and wallet_bridge. What is left is the one source of
-- client order numbers, below 2^45 because Bitfinex takes no longer integer.
CREATE SCHEMA IF NOT EXISTS venues;
GRANT USAGE ON SCHEMA venues TO rivermouth_app, rivermouth_engine;

-- A venue remembers old ids even when our database was made anew. So the sequence starts where the time stands: 4,096 numbers for
-- each second since 2025, which no earlier database can have reached, and which lasts for 270 years.
CREATE SEQUENCE venues.coid_seq AS bigint MINVALUE 1 MAXVALUE 35184372088831 NO CYCLE;
SELECT setval('venues.coid_seq', (extract(epoch FROM now() - timestamptz '2025-01-01 00:00:00+00') * 4096)::bigint);
GRANT USAGE ON SEQUENCE venues.coid_seq TO rivermouth_app, rivermouth_engine;
