DROP FUNCTION payments.hold_capture_later(uuid, timestamptz, bigint);
DROP INDEX payments.holds_capture_due;
ALTER TABLE payments.holds DROP CONSTRAINT holds_capture_or_expiry, DROP CONSTRAINT holds_capture_whole, DROP COLUMN capture_to;
DROP INDEX payments.journals_reversed;
DROP INDEX payments.journals_of_transfers;
DROP TABLE payments.transfers;
