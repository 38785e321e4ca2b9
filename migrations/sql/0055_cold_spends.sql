-- What two people ask of the cold wallet, what its holders are shown, and what they hand in.
CREATE TABLE wallet_bridge.cold_spends (
    id uuid PRIMARY KEY,
    tenant_id uuid NOT NULL,
    network text NOT NULL,
    asset text NOT NULL,
    amount kernel.amount NOT NULL CHECK (amount > 0),
    fee_cap kernel.amount NOT NULL CHECK (fee_cap > 0),
    state text NOT NULL CHECK (state IN ('waiting_approval', 'asked', 'drafted', 'signed', 'broadcast', 'confirming', 'final', 'failed',
        'refused', 'cancelled')),
    reason text,
    address text,
    txid text,
    confirmations integer NOT NULL DEFAULT 0,
    draft jsonb,
    drafted_as text,
    created_by uuid NOT NULL,
    approved_by uuid,
    created_at timestamptz NOT NULL,
    approved_at timestamptz,
    reported_at timestamptz,
    ended_at timestamptz,
    CHECK (approved_by IS DISTINCT FROM created_by),
    CHECK (state IN ('waiting_approval', 'refused', 'cancelled') OR approved_by IS NOT NULL)
);
CREATE INDEX cold_spends_of_tenant ON wallet_bridge.cold_spends (tenant_id, id DESC);
CALL kernel.protect('wallet_bridge.cold_spends', app => 'SELECT, INSERT, UPDATE', engine => 'SELECT, INSERT, UPDATE');

CREATE TABLE wallet_bridge.cold_signatures (
    id uuid PRIMARY KEY,
    tenant_id uuid NOT NULL,
    spend_id uuid NOT NULL REFERENCES wallet_bridge.cold_spends (id),
    state text NOT NULL CHECK (state IN ('sent', 'counted', 'refused')),
    reason text,
    handed_in_by uuid NOT NULL,
    at timestamptz NOT NULL
);
CREATE INDEX cold_signatures_of_spend ON wallet_bridge.cold_signatures (tenant_id, spend_id);
CALL kernel.protect('wallet_bridge.cold_signatures', app => 'SELECT, INSERT', engine => 'SELECT, UPDATE');
