-- Treasury moves money between venues: what venues offer, where they take deposits, what was proposed, and what is on its way.

-- How an asset moves over a network at a venue, and the address at which it takes ours, as it last said.
CREATE TABLE wallet_bridge.venue_rails (
    tenant_id uuid NOT NULL,
    venue text NOT NULL,
    asset text NOT NULL,
    network text NOT NULL,
    fee kernel.amount NOT NULL CHECK (fee >= 0),
    minimum kernel.amount NOT NULL CHECK (minimum >= 0),
    scale integer NOT NULL CHECK (scale BETWEEN 0 AND 30),
    deposits boolean NOT NULL,
    withdrawals boolean NOT NULL,
    memo_required boolean NOT NULL,
    address text,
    memo text,
    read_at timestamptz NOT NULL,
    PRIMARY KEY (tenant_id, venue, asset, network)
);
CALL kernel.protect('wallet_bridge.venue_rails', app => 'SELECT', engine => 'SELECT, INSERT, UPDATE');

-- Where money may be sent to, agreed to by two people.
CREATE TABLE wallet_bridge.venue_addresses (
    id uuid PRIMARY KEY,
    tenant_id uuid NOT NULL,
    venue text NOT NULL,
    asset text NOT NULL,
    network text NOT NULL,
    address text NOT NULL,
    memo text,
    key_name text,
    state text NOT NULL CHECK (state IN ('waiting', 'active', 'removed')),
    created_by uuid NOT NULL,
    approved_by uuid,
    created_at timestamptz NOT NULL,
    decided_at timestamptz,
    CHECK (approved_by IS DISTINCT FROM created_by)
);
CREATE UNIQUE INDEX venue_addresses_one ON wallet_bridge.venue_addresses (tenant_id, venue, asset, network) WHERE state <> 'removed';
CALL kernel.protect('wallet_bridge.venue_addresses', app => 'SELECT, INSERT, UPDATE', engine => 'SELECT, INSERT, UPDATE');

CREATE TABLE wallet_bridge.treasury_proposals (
    id uuid PRIMARY KEY,
    tenant_id uuid NOT NULL,
    source text NOT NULL,
    destination text NOT NULL,
    asset text NOT NULL,
    network text NOT NULL,
    amount kernel.amount NOT NULL CHECK (amount > 0),
    fee kernel.amount NOT NULL CHECK (fee >= 0),
    minutes integer NOT NULL,
    usable kernel.amount NOT NULL,
    line kernel.amount NOT NULL,
    computed_at timestamptz NOT NULL,
    expires_at timestamptz NOT NULL,
    taken_by uuid
);
CREATE INDEX treasury_proposals_open ON wallet_bridge.treasury_proposals (tenant_id, expires_at) WHERE taken_by IS NULL;
CALL kernel.protect('wallet_bridge.treasury_proposals', app => 'SELECT, INSERT, UPDATE', engine => 'SELECT, INSERT, UPDATE');

CREATE TABLE wallet_bridge.treasury_transfers (
    id uuid PRIMARY KEY,
    tenant_id uuid NOT NULL,
    source text NOT NULL,
    destination text NOT NULL CHECK (destination <> source),
    asset text NOT NULL,
    network text NOT NULL,
    amount kernel.amount NOT NULL CHECK (amount > 0),
    fee kernel.amount NOT NULL CHECK (fee >= 0),
    address_id uuid NOT NULL REFERENCES wallet_bridge.venue_addresses (id),
    address text NOT NULL,
    memo text,
    key_name text,
    minutes integer NOT NULL CHECK (minutes > 0),
    proposal_id uuid REFERENCES wallet_bridge.treasury_proposals (id),
    state text NOT NULL CHECK (state IN ('draft', 'rejected', 'cancelled', 'reserved', 'sent', 'unknown', 'in_transit', 'arrived', 'closed',
        'failed', 'not_placed')),
    reason text,
    venue_ref text,
    txid text,
    left_amount kernel.amount,
    left_fee kernel.amount,
    arrived_amount kernel.amount,
    deposit_ref text,
    created_by uuid NOT NULL,
    approved_by uuid,
    created_at timestamptz NOT NULL,
    approved_at timestamptz,
    left_at timestamptz,
    arrived_at timestamptz,
    ended_at timestamptz,
    late_at timestamptz,
    CHECK (approved_by IS DISTINCT FROM created_by)
);
CREATE UNIQUE INDEX treasury_transfers_one_leaves ON wallet_bridge.treasury_transfers (tenant_id, source, asset)
    WHERE state IN ('draft', 'reserved', 'sent', 'unknown');
CREATE UNIQUE INDEX treasury_transfers_deposit ON wallet_bridge.treasury_transfers (tenant_id, destination, deposit_ref)
    WHERE deposit_ref IS NOT NULL;
CREATE INDEX treasury_transfers_of_tenant ON wallet_bridge.treasury_transfers (tenant_id, id DESC);
CREATE INDEX treasury_transfers_coming ON wallet_bridge.treasury_transfers (tenant_id, destination) WHERE state = 'in_transit';
CALL kernel.protect('wallet_bridge.treasury_transfers', app => 'SELECT, INSERT, UPDATE', engine => 'SELECT, INSERT, UPDATE');
