DROP TABLE wallet_bridge.told_days;
ALTER TABLE wallet_bridge.wallet_reports DROP COLUMN free;

ALTER TABLE wallet_bridge.alerts NO FORCE ROW LEVEL SECURITY;
DELETE FROM wallet_bridge.alerts WHERE kind = 'report_stale' OR location NOT LIKE 'venue:%';
DROP INDEX wallet_bridge.alerts_one_open, wallet_bridge.alerts_newest;
ALTER TABLE wallet_bridge.alerts DROP CONSTRAINT alerts_kind_check;
ALTER TABLE wallet_bridge.alerts
    DROP COLUMN level, DROP COLUMN acked_by, DROP COLUMN acked_at, DROP COLUMN escalations, DROP COLUMN escalated_at,
    DROP COLUMN calm_since, DROP COLUMN cleared_at,
    ALTER COLUMN first_at SET DEFAULT now(),
    ALTER COLUMN last_at SET DEFAULT now();
ALTER TABLE wallet_bridge.alerts RENAME COLUMN location TO venue;
UPDATE wallet_bridge.alerts SET venue = substr(venue, 7), kind = replace(kind, 'below_line', 'below_warning_line');
ALTER TABLE wallet_bridge.alerts
    ADD CONSTRAINT alerts_kind_check CHECK (kind IN ('venue_balance_low', 'below_warning_line'));
ALTER TABLE wallet_bridge.alerts FORCE ROW LEVEL SECURITY;
CREATE UNIQUE INDEX alerts_one_open ON wallet_bridge.alerts (tenant_id, venue, asset, kind) WHERE state = 'open';

DROP TABLE wallet_bridge.balance_history, wallet_bridge.outflows;

ALTER TABLE wallet_bridge.funds ADD COLUMN warning_line kernel.amount NOT NULL DEFAULT 0;
ALTER TABLE wallet_bridge.funds NO FORCE ROW LEVEL SECURITY;
ALTER TABLE wallet_bridge.lines NO FORCE ROW LEVEL SECURITY;
UPDATE wallet_bridge.funds f SET warning_line = l.warning
  FROM (SELECT DISTINCT ON (tenant_id, location, asset) tenant_id, location, asset, unit, warning FROM wallet_bridge.lines
         ORDER BY tenant_id, location, asset, version DESC) l
 WHERE l.tenant_id = f.tenant_id AND l.location = 'venue:' || f.venue AND l.asset = f.asset AND l.unit = 'amount';
ALTER TABLE wallet_bridge.funds FORCE ROW LEVEL SECURITY;
DROP TABLE wallet_bridge.lines;
