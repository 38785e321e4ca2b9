-- Runs of the payout that can be watched, and the rows that the ledger would not pay.

-- Of wall time: a run that has been silent for minutes is dead, however far the business clock has gone.
ALTER TABLE earn.runs ADD COLUMN heard_at timestamptz NOT NULL DEFAULT clock_timestamp();
CREATE INDEX runs_of_tenant ON earn.runs (tenant_id, id DESC);

-- The last time that a row was refused, and why; it says nothing any more once the row is paid or void.
CREATE TABLE earn.refusals (
    tenant_id uuid NOT NULL,
    subscription_id uuid NOT NULL,
    seq integer NOT NULL,
    run_id uuid NOT NULL REFERENCES earn.runs (id),
    reason text NOT NULL,
    first_at timestamptz NOT NULL,
    last_at timestamptz NOT NULL,
    PRIMARY KEY (subscription_id, seq),
    FOREIGN KEY (subscription_id, seq) REFERENCES earn.repayment_rows (subscription_id, seq)
);
CREATE INDEX refusals_of_tenant ON earn.refusals (tenant_id, subscription_id, seq);
CALL kernel.protect('earn.refusals', app => 'SELECT, INSERT, UPDATE', engine => 'SELECT, INSERT, UPDATE');

-- Something of a product is late, or has stopped: said by the product, closed when it is over.
ALTER TABLE payments.incidents DROP CONSTRAINT incidents_kind_check;
ALTER TABLE payments.incidents ADD CONSTRAINT incidents_kind_check CHECK (kind IN ('invariant', 'projection', 'rounding_drift', 'late'));

-- A subscription changes its status once: with room on its page that touches no index.
ALTER TABLE earn.subscriptions SET (fillfactor = 80);
