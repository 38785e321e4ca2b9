DROP INDEX earn.instances_by_value_date, earn.subscriptions_to_remind, earn.subscriptions_to_renew;
ALTER TABLE earn.subscriptions
    DROP CONSTRAINT subscriptions_refused,
    DROP CONSTRAINT subscriptions_renewed,
    DROP CONSTRAINT subscriptions_status_check,
    ADD CONSTRAINT subscriptions_status_check CHECK (status IN ('active', 'paid_out', 'redeemed_early')),
    DROP COLUMN remind_on,
    DROP COLUMN renewal_refused,
    DROP COLUMN renewed_into,
    DROP COLUMN renewed_from,
    DROP COLUMN renewal;
