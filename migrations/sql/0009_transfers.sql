-- Transfers that wait: for a second person, or for their day. A transfer that is posted at once is its journal and has no row here.
CREATE TABLE payments.transfers (
    id uuid PRIMARY KEY,
    tenant_id uuid NOT NULL,
    realm text NOT NULL CHECK (realm IN ('DEMO', 'REAL')),
    kind text NOT NULL CHECK (kind IN ('transfer', 'reversal')),
    from_account bigint NOT NULL REFERENCES payments.accounts,
    to_account bigint NOT NULL REFERENCES payments.accounts,
    amount kernel.amount NOT NULL CHECK (amount > 0),
    memo text CHECK (length(memo) BETWEEN 1 AND 200),
    metadata jsonb NOT NULL DEFAULT '{}',
    effective_at timestamptz,
    execute_at timestamptz,
    reverses uuid,
    batch_id uuid,
    status text NOT NULL CHECK (status IN ('awaiting_approval', 'scheduled', 'posted', 'refused', 'cancelled')),
    reason text,
    created_by uuid NOT NULL,
    created_at timestamptz NOT NULL,
    approved_by uuid,
    journal_id uuid,
    updated_at timestamptz NOT NULL,
    CHECK (from_account <> to_account),
    CHECK (approved_by <> created_by), -- the second person is another one, whoever writes the row
    CHECK ((status = 'posted') = (journal_id IS NOT NULL)),
    CHECK ((status = 'refused') = (reason IS NOT NULL)),
    CHECK (status <> 'scheduled' OR execute_at IS NOT NULL),
    CHECK ((kind = 'reversal') = (reverses IS NOT NULL))
);
CREATE INDEX transfers_of_maker ON payments.transfers (tenant_id, created_by, id);
CREATE INDEX transfers_due ON payments.transfers (execute_at, id) WHERE status = 'scheduled';
CREATE INDEX transfers_of_batch ON payments.transfers (batch_id) WHERE batch_id IS NOT NULL;
CREATE UNIQUE INDEX transfers_one_reversal ON payments.transfers (tenant_id, reverses)
    WHERE kind = 'reversal' AND status IN ('awaiting_approval', 'scheduled');
CREATE INDEX transfers_of_journal ON payments.transfers (journal_id) WHERE journal_id IS NOT NULL;
CALL kernel.protect('payments.transfers', app => 'SELECT, INSERT, UPDATE', engine => 'SELECT, INSERT, UPDATE');

-- The list of transfers reads the journals that were posted at once; order_id names the row of the others.
CREATE INDEX journals_of_transfers ON payments.journals (tenant_id, actor, journal_id)
    WHERE kind IN ('transfer', 'reversal') AND order_id IS NULL;
CREATE INDEX journals_reversed ON payments.journals (reverses) WHERE reverses IS NOT NULL;

-- A hold may capture itself on a day, into an account that is chosen when it is opened. Such a hold has no expiry: whether it is paid
-- must not depend on which of two sweepers comes first.
ALTER TABLE payments.holds ADD COLUMN capture_to bigint REFERENCES payments.accounts;
ALTER TABLE payments.holds ADD CONSTRAINT holds_capture_whole CHECK ((capture_at IS NULL) = (capture_to IS NULL));
ALTER TABLE payments.holds ADD CONSTRAINT holds_capture_or_expiry CHECK (capture_at IS NULL OR expires_at IS NULL);
CREATE INDEX holds_capture_due ON payments.holds (capture_at, hold_id) WHERE state = 'open' AND capture_at IS NOT NULL;

CREATE FUNCTION payments.hold_capture_later(p_hold uuid, p_at timestamptz, p_to bigint) RETURNS text
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    v_tenant uuid := payments.tenant();
    v_hold payments.holds;
    v_fits boolean;
BEGIN
    IF p_at IS NULL OR p_to IS NULL THEN RAISE EXCEPTION 'a capture needs its day and its account' USING ERRCODE = '22023'; END IF;
    SELECT h.* INTO v_hold FROM payments.holds h WHERE h.hold_id = p_hold AND h.tenant_id = v_tenant FOR NO KEY UPDATE;
    IF NOT FOUND THEN RETURN 'hold_not_found'; END IF;
    IF v_hold.state <> 'open' THEN RETURN 'hold_not_open'; END IF;
    SELECT (t.realm, t.asset_id) = (a.realm, a.asset_id) INTO v_fits
      FROM payments.accounts a JOIN payments.accounts t ON t.account_id = p_to AND t.tenant_id = v_tenant
     WHERE a.account_id = v_hold.account_id;
    IF NOT FOUND THEN RETURN 'account_not_found'; END IF;
    IF NOT v_fits THEN RETURN 'account_different'; END IF;
    UPDATE payments.holds SET capture_at = p_at, capture_to = p_to WHERE hold_id = p_hold;
    RETURN 'ok';
END $$;
GRANT CREATE ON SCHEMA payments TO rivermouth_ledger;
REVOKE ALL ON FUNCTION payments.hold_capture_later(uuid, timestamptz, bigint) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION payments.hold_capture_later(uuid, timestamptz, bigint) TO rivermouth_ledger, rivermouth_app, rivermouth_engine;
ALTER FUNCTION payments.hold_capture_later(uuid, timestamptz, bigint) OWNER TO rivermouth_ledger;
REVOKE CREATE ON SCHEMA payments FROM rivermouth_ledger;
