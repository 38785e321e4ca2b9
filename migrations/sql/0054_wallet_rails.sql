-- Treasury moves money between the custodian's wallets and venues, and people decide what no machine can.

-- Where the custodian takes money of the house's own; it never belongs to a customer.
CREATE TABLE wallet_bridge.house_addresses (
    id uuid PRIMARY KEY,
    tenant_id uuid NOT NULL,
    network text NOT NULL,
    address text,
    memo text,
    asked_at timestamptz NOT NULL,
    ready_at timestamptz,
    UNIQUE (tenant_id, network),
    CHECK ((address IS NULL) = (ready_at IS NULL))
);
CALL kernel.protect('wallet_bridge.house_addresses', app => 'SELECT', engine => 'SELECT, INSERT, UPDATE, DELETE');

-- The fee that the network may take of a wallet, in its own coin; and how people ended what machines could not.
ALTER TABLE wallet_bridge.treasury_transfers
    ADD COLUMN fee_cap kernel.amount CHECK (fee_cap > 0),
    ADD COLUMN received_amount kernel.amount CHECK (received_amount >= 0),
    ADD COLUMN settle_reason text CHECK (length(settle_reason) BETWEEN 1 AND 500),
    ADD COLUMN settle_asked_by uuid,
    ADD COLUMN settled_by uuid,
    DROP CONSTRAINT treasury_transfers_state_check,
    ADD CONSTRAINT treasury_transfers_state_check CHECK (state IN ('draft', 'rejected', 'cancelled', 'reserved', 'sent', 'unknown',
        'in_transit', 'arrived', 'closed', 'settled', 'failed', 'not_placed')),
    ADD CONSTRAINT treasury_transfers_settled CHECK ((state = 'settled') = (settled_by IS NOT NULL)),
    ADD CONSTRAINT treasury_transfers_two_settle CHECK (settled_by IS NULL OR settled_by <> settle_asked_by);

-- What came to those addresses. `deposit` is as the custodian told it last, in the event `seq`.
CREATE TABLE wallet_bridge.house_deposits (
    tenant_id uuid NOT NULL,
    network text NOT NULL,
    txid text NOT NULL,
    output integer NOT NULL,
    asset text NOT NULL,
    state text NOT NULL CHECK (state IN ('coming', 'final', 'orphaned', 'arrived', 'stray')),
    seq bigint NOT NULL,
    event text NOT NULL,
    deposit jsonb NOT NULL,
    transfer_id uuid REFERENCES wallet_bridge.treasury_transfers (id),
    seen_at timestamptz NOT NULL,
    PRIMARY KEY (tenant_id, network, txid, output),
    CHECK ((state = 'arrived') = (transfer_id IS NOT NULL))
);
CREATE INDEX house_deposits_waiting ON wallet_bridge.house_deposits (tenant_id) WHERE state = 'final';
CALL kernel.protect('wallet_bridge.house_deposits', app => 'SELECT', engine => 'SELECT, INSERT, UPDATE');

-- What people say became of a withdrawal that nobody could tell. `asked_at`: by the wall's clock, since when nothing more is sent under its
-- reference; `told`: what the custodian said when it was asked by it.
CREATE TABLE wallet_bridge.withdrawal_decisions (
    tenant_id uuid NOT NULL,
    id uuid PRIMARY KEY,
    withdrawal_id uuid NOT NULL REFERENCES wallet_bridge.withdrawals (id),
    verdict text NOT NULL CHECK (verdict IN ('paid', 'unpaid')),
    txid text CHECK (length(txid) BETWEEN 1 AND 128),
    evidence text NOT NULL CHECK (length(evidence) BETWEEN 1 AND 1000),
    state text NOT NULL CHECK (state IN ('proposed', 'asking', 'carried_out', 'refused', 'overtaken')),
    told text CHECK (length(told) BETWEEN 1 AND 500),
    contradiction text,
    proposed_by uuid NOT NULL,
    confirmed_by uuid,
    proposed_at timestamptz NOT NULL,
    asked_at timestamptz,
    ended_at timestamptz,
    CHECK ((verdict = 'paid') = (txid IS NOT NULL)),
    CHECK (confirmed_by IS DISTINCT FROM proposed_by),
    CHECK ((ended_at IS NOT NULL) = (state IN ('carried_out', 'refused', 'overtaken')))
);
CREATE UNIQUE INDEX withdrawal_decisions_one ON wallet_bridge.withdrawal_decisions (withdrawal_id) WHERE ended_at IS NULL;
CALL kernel.protect('wallet_bridge.withdrawal_decisions', app => 'SELECT, INSERT, UPDATE', engine => 'SELECT, UPDATE');
