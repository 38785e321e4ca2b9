-- What went on ended as paid out all the same: its last row was paid, and what it was renewed into stands as a purchase of its own.
ALTER TABLE earn.subscriptions NO FORCE ROW LEVEL SECURITY;
ALTER TABLE earn.subscriptions DROP CONSTRAINT subscriptions_renewed;
UPDATE earn.subscriptions SET status = 'paid_out' WHERE status = 'renewed';
ALTER TABLE earn.subscriptions FORCE ROW LEVEL SECURITY;
DROP INDEX earn.instances_by_value_date, earn.subscriptions_to_remind, earn.subscriptions_to_renew;
ALTER TABLE earn.subscriptions
    DROP CONSTRAINT subscriptions_refused,
    DROP CONSTRAINT subscriptions_status_check,
    ADD CONSTRAINT subscriptions_status_check CHECK (status IN ('active', 'paid_out', 'redeemed_early')),
    DROP COLUMN remind_on,
    DROP COLUMN renewal_refused,
    DROP COLUMN renewed_into,
    DROP COLUMN renewed_from,
    DROP COLUMN renewal;
