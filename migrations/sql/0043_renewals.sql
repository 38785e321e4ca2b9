-- What becomes of a subscription at its maturity: what its customer chose, what it was renewed from and into, and why it was not.
ALTER TABLE earn.subscriptions
    ADD COLUMN renewal text NOT NULL DEFAULT 'pay_out' CHECK (renewal IN ('pay_out', 'renew_principal', 'renew_all', 'move')),
    ADD COLUMN renewed_from uuid UNIQUE REFERENCES earn.subscriptions (id),
    ADD COLUMN renewed_into uuid UNIQUE REFERENCES earn.subscriptions (id),
    -- The code of the refusal; it is paid out then.
    ADD COLUMN renewal_refused text,
    -- The day, in its zone, on which its customer is told that it matures soon; NULL once they were, or where it is too short for it.
    ADD COLUMN remind_on date CHECK (remind_on < maturity),
    DROP CONSTRAINT subscriptions_status_check,
    ADD CONSTRAINT subscriptions_status_check CHECK (status IN ('active', 'paid_out', 'renewed', 'redeemed_early')),
    ADD CONSTRAINT subscriptions_renewed CHECK ((status = 'renewed') = (renewed_into IS NOT NULL)),
    ADD CONSTRAINT subscriptions_refused CHECK (renewal_refused IS NULL OR status IN ('active', 'paid_out'));

-- Whose last row is not simply paid.
CREATE INDEX subscriptions_to_renew ON earn.subscriptions (tenant_id, maturity, id)
    WHERE status = 'active' AND renewal <> 'pay_out' AND renewal_refused IS NULL;
CREATE INDEX subscriptions_to_remind ON earn.subscriptions (tenant_id, remind_on) WHERE status = 'active' AND remind_on IS NOT NULL;
CREATE INDEX instances_by_value_date ON earn.instances (tenant_id, template_id, value_date);
