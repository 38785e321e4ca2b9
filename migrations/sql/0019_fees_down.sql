DROP TABLE venues.fee_reports;
DROP TABLE broker.exposure_lines, broker.exposure_reports, broker.hedge_gaps, broker.positions, broker.venue_volumes,
    broker.customer_volumes, broker.revenue, broker.marks, broker.fee_overrides, broker.fee_tiers, broker.fee_schedules;
REVOKE UPDATE (accounted) ON broker.fills FROM rivermouth_engine;
DROP INDEX broker.fills_to_account;
ALTER TABLE broker.fills DROP COLUMN accounted;
REVOKE UPDATE (markup) ON markets.instruments FROM rivermouth_app;
DROP TRIGGER first_rest ON broker.orders;
DROP FUNCTION broker.note_first_rest();
ALTER TABLE broker.orders DROP COLUMN taker_cost, DROP COLUMN maker_rate;
