ALTER TABLE earn.subscriptions RESET (fillfactor);
ALTER TABLE payments.incidents DROP CONSTRAINT incidents_kind_check;
ALTER TABLE payments.incidents ADD CONSTRAINT incidents_kind_check CHECK (kind IN ('invariant', 'projection', 'rounding_drift')) NOT VALID;
DROP TABLE earn.refusals;
DROP INDEX earn.runs_of_tenant;
ALTER TABLE earn.runs DROP COLUMN heard_at;
