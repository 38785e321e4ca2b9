-- What the ladder adds up stands in the index of what is pending: it reads no row, however many were paid before.
DROP INDEX earn.repayment_rows_pending;
CREATE INDEX repayment_rows_pending ON earn.repayment_rows (tenant_id, due_at, subscription_id, seq) INCLUDE (due_date, interest, bonus, principal)
    WHERE status = 'pending';

-- What an early end gave or took is a cost of its day, as it always was in the ledger.
ALTER TABLE earn.costs NO FORCE ROW LEVEL SECURITY;
ALTER TABLE earn.subscriptions NO FORCE ROW LEVEL SECURITY;
INSERT INTO earn.costs AS c (tenant_id, template_id, day, amount)
SELECT tenant_id, template_id, CAST(ended_at AT TIME ZONE 'UTC' AS date), sum(accrued - clawed_back) FROM earn.subscriptions
 WHERE status = 'redeemed_early' AND accrued <> clawed_back GROUP BY 1, 2, 3
    ON CONFLICT (tenant_id, template_id, day) DO UPDATE SET amount = c.amount + excluded.amount;
ALTER TABLE earn.subscriptions FORCE ROW LEVEL SECURITY;
ALTER TABLE earn.costs FORCE ROW LEVEL SECURITY;

-- Other packages export too, under names of their own.
ALTER TABLE payments.exports DROP CONSTRAINT exports_what_check;
ALTER TABLE payments.exports ADD CONSTRAINT exports_what_check
    CHECK (what IN ('journals', 'entries', 'balances', 'statement') OR what ~ '^[a-z]+\.[a-z_]+$');
