-- Lines: every one that ever counted stays; the newest version of a place and asset counts. A line of nothing warns of nothing.
CREATE TABLE wallet_bridge.lines (
    tenant_id uuid NOT NULL,
    id uuid NOT NULL UNIQUE,
    location text NOT NULL CHECK (location ~ '^(venue|wallet):.+$' AND length(location) <= 80),
    asset text NOT NULL,
    version integer NOT NULL CHECK (version > 0),
    unit text NOT NULL CHECK (unit IN ('amount', 'hours')),
    warning kernel.amount NOT NULL,
    critical kernel.amount NOT NULL CHECK (critical BETWEEN 0 AND warning),
    set_by uuid,
    set_at timestamptz NOT NULL,
    PRIMARY KEY (tenant_id, location, asset, version)
);
CALL kernel.protect('wallet_bridge.lines', app => 'SELECT, INSERT', engine => 'SELECT, INSERT');

ALTER TABLE wallet_bridge.funds NO FORCE ROW LEVEL SECURITY; -- as its owner, of every house
ALTER TABLE wallet_bridge.lines NO FORCE ROW LEVEL SECURITY;
INSERT INTO wallet_bridge.lines (tenant_id, id, location, asset, version, unit, warning, critical, set_at)
SELECT tenant_id, gen_random_uuid(), 'venue:' || venue, asset, 1, 'amount', warning_line, 0, kernel.business_now()
  FROM wallet_bridge.funds WHERE warning_line > 0;
ALTER TABLE wallet_bridge.lines FORCE ROW LEVEL SECURITY;
ALTER TABLE wallet_bridge.funds FORCE ROW LEVEL SECURITY;
ALTER TABLE wallet_bridge.funds DROP COLUMN warning_line;

-- What of a wallet can be paid out now; the rest lies cold, or is not swept yet.
ALTER TABLE wallet_bridge.wallet_reports ADD COLUMN free kernel.amount;
ALTER TABLE wallet_bridge.wallet_reports NO FORCE ROW LEVEL SECURITY;
UPDATE wallet_bridge.wallet_reports SET free = reported;
ALTER TABLE wallet_bridge.wallet_reports FORCE ROW LEVEL SECURITY;
ALTER TABLE wallet_bridge.wallet_reports ALTER COLUMN free SET NOT NULL;

-- How much leaves a place in an hour, measured over a day: what lines in hours are read by.
CREATE TABLE wallet_bridge.outflows (
    tenant_id uuid NOT NULL,
    location text NOT NULL,
    asset text NOT NULL,
    per_hour kernel.amount NOT NULL CHECK (per_hour >= 0),
    measured_at timestamptz NOT NULL,
    PRIMARY KEY (tenant_id, location, asset)
) WITH (fillfactor = 70);
CALL kernel.protect('wallet_bridge.outflows', app => 'SELECT', engine => 'SELECT, INSERT, UPDATE');

-- What a place held every few minutes; a quarter of a year is kept.
CREATE TABLE wallet_bridge.balance_history (
    tenant_id uuid NOT NULL,
    location text NOT NULL,
    asset text NOT NULL,
    at timestamptz NOT NULL,
    reported kernel.amount,
    ledger kernel.amount NOT NULL,
    usable kernel.amount NOT NULL,
    level text NOT NULL CHECK (level IN ('ok', 'warning', 'critical', 'unknown')),
    PRIMARY KEY (tenant_id, location, asset, at)
);
CREATE INDEX balance_history_age ON wallet_bridge.balance_history (at);
CALL kernel.protect('wallet_bridge.balance_history', app => 'SELECT', engine => 'SELECT, INSERT, DELETE');

-- An alert is of a place, has a level, and waits for somebody's word. calm_since: from when on all was well again.
ALTER TABLE wallet_bridge.alerts NO FORCE ROW LEVEL SECURITY;
DROP INDEX wallet_bridge.alerts_one_open;
ALTER TABLE wallet_bridge.alerts DROP CONSTRAINT alerts_kind_check;
ALTER TABLE wallet_bridge.alerts RENAME COLUMN venue TO location;
UPDATE wallet_bridge.alerts SET location = 'venue:' || location, kind = replace(kind, 'below_warning_line', 'below_line');
ALTER TABLE wallet_bridge.alerts
    ADD CONSTRAINT alerts_kind_check CHECK (kind IN ('venue_balance_low', 'below_line', 'report_stale')),
    ADD COLUMN level text NOT NULL DEFAULT 'warning' CHECK (level IN ('warning', 'critical')),
    ADD COLUMN acked_by uuid,
    ADD COLUMN acked_at timestamptz,
    ADD COLUMN escalations integer NOT NULL DEFAULT 0,
    ADD COLUMN escalated_at timestamptz,
    ADD COLUMN calm_since timestamptz,
    ADD COLUMN cleared_at timestamptz,
    ADD CHECK ((acked_by IS NULL) = (acked_at IS NULL));
ALTER TABLE wallet_bridge.alerts
    ALTER COLUMN level DROP DEFAULT,
    ALTER COLUMN first_at DROP DEFAULT,
    ALTER COLUMN last_at DROP DEFAULT;
UPDATE wallet_bridge.alerts SET level = 'critical' WHERE kind = 'venue_balance_low';
UPDATE wallet_bridge.alerts SET cleared_at = last_at WHERE state = 'cleared';
ALTER TABLE wallet_bridge.alerts ADD CHECK ((state = 'cleared') = (cleared_at IS NOT NULL));
ALTER TABLE wallet_bridge.alerts FORCE ROW LEVEL SECURITY;
CREATE UNIQUE INDEX alerts_one_open ON wallet_bridge.alerts (tenant_id, location, asset, kind) WHERE state = 'open';
CREATE INDEX alerts_newest ON wallet_bridge.alerts (tenant_id, last_at);

-- Which mornings the channels were told of the day before.
CREATE TABLE wallet_bridge.told_days (
    tenant_id uuid NOT NULL,
    day date NOT NULL,
    told_at timestamptz NOT NULL,
    PRIMARY KEY (tenant_id, day)
);
CALL kernel.protect('wallet_bridge.told_days', app => 'SELECT', engine => 'SELECT, INSERT, DELETE');
