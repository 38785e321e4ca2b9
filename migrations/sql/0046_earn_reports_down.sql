ALTER TABLE payments.exports NO FORCE ROW LEVEL SECURITY;
DELETE FROM payments.exports WHERE strpos(what, '.') > 0;
ALTER TABLE payments.exports FORCE ROW LEVEL SECURITY;
ALTER TABLE payments.exports DROP CONSTRAINT exports_what_check;
ALTER TABLE payments.exports ADD CONSTRAINT exports_what_check CHECK (what IN ('journals', 'entries', 'balances', 'statement'));
ALTER TABLE earn.costs NO FORCE ROW LEVEL SECURITY;
ALTER TABLE earn.subscriptions NO FORCE ROW LEVEL SECURITY;
UPDATE earn.costs c SET amount = c.amount - s.amount
  FROM (SELECT tenant_id, template_id, CAST(ended_at AT TIME ZONE 'UTC' AS date) AS day, sum(accrued - clawed_back) AS amount
          FROM earn.subscriptions WHERE status = 'redeemed_early' GROUP BY 1, 2, 3) s
 WHERE (c.tenant_id, c.template_id, c.day) = (s.tenant_id, s.template_id, s.day);
ALTER TABLE earn.subscriptions FORCE ROW LEVEL SECURITY;
ALTER TABLE earn.costs FORCE ROW LEVEL SECURITY;
DROP INDEX earn.repayment_rows_pending;
CREATE INDEX repayment_rows_pending ON earn.repayment_rows (tenant_id, due_at, subscription_id, seq) WHERE status = 'pending';
