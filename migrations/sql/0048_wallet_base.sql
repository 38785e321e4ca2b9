-- What the bridge knows of the custodian: the networks a house offers, and how far the custodian's events have been read.

CREATE TABLE wallet_bridge.networks (
    tenant_id uuid NOT NULL,
    network text NOT NULL CHECK (network ~ '^[A-Za-z0-9._-]{1,32}$'),
    asset text NOT NULL REFERENCES payments.assets (code),
    title text NOT NULL,
    kind text NOT NULL CHECK (kind IN ('evm', 'utxo')),
    deposits boolean NOT NULL DEFAULT true,
    withdrawals boolean NOT NULL DEFAULT true,
    -- Blocks until a deposit is credited, and until it may leave again.
    confirmations integer NOT NULL CHECK (confirmations >= 1),
    final_confirmations integer NOT NULL,
    memo_required boolean NOT NULL DEFAULT false,
    minimum_deposit kernel.amount NOT NULL CHECK (minimum_deposit >= 0),
    minimum_withdrawal kernel.amount NOT NULL CHECK (minimum_withdrawal > 0),
    -- What a customer pays, in the asset; and the most that the network may take for one payment, in its own coin.
    withdrawal_fee kernel.amount NOT NULL CHECK (withdrawal_fee >= 0),
    fee_asset text NOT NULL REFERENCES payments.assets (code),
    fee_cap kernel.amount NOT NULL CHECK (fee_cap > 0),
    -- Where a customer can look a transaction up: `{txid}` stands for its name.
    explorer text CHECK (explorer LIKE 'https://%{txid}%'),
    PRIMARY KEY (tenant_id, network, asset),
    CHECK (final_confirmations >= confirmations)
);
CALL kernel.protect('wallet_bridge.networks', app => 'SELECT, INSERT, UPDATE', engine => 'SELECT, INSERT, UPDATE');

-- One row: the number of the last event that was applied. It moves by one, in the transaction of what the event did.
CREATE TABLE wallet_bridge.cursors (
    custodian text PRIMARY KEY,
    seq bigint NOT NULL CHECK (seq >= 0),
    head bigint NOT NULL DEFAULT 0,
    read_at timestamptz,
    last_error text,
    last_error_at timestamptz
);
GRANT SELECT, INSERT, UPDATE ON wallet_bridge.cursors TO rivermouth_engine;
GRANT SELECT ON wallet_bridge.cursors TO rivermouth_app;

-- Events that could not be applied. The others go on; these are tried again until they can be.
CREATE TABLE wallet_bridge.stuck_events (
    custodian text NOT NULL,
    seq bigint NOT NULL,
    event jsonb NOT NULL,
    error text NOT NULL,
    tries integer NOT NULL DEFAULT 1,
    first_at timestamptz NOT NULL DEFAULT now(),
    last_at timestamptz NOT NULL DEFAULT now(),
    done_at timestamptz,
    PRIMARY KEY (custodian, seq)
);
CREATE INDEX stuck_events_open ON wallet_bridge.stuck_events (custodian, seq) WHERE done_at IS NULL;
GRANT SELECT, INSERT, UPDATE ON wallet_bridge.stuck_events TO rivermouth_engine;
GRANT SELECT ON wallet_bridge.stuck_events TO rivermouth_app;

-- Chains count finer than the books. What of a wallet's changes the books could not hold is carried, until it makes a unit.
CREATE TABLE wallet_bridge.residues (
    tenant_id uuid NOT NULL,
    network text NOT NULL,
    asset text NOT NULL REFERENCES payments.assets (code),
    carried kernel.amount NOT NULL,
    PRIMARY KEY (tenant_id, network, asset)
);
CALL kernel.protect('wallet_bridge.residues', app => 'SELECT', engine => 'SELECT, INSERT, UPDATE');

-- What the chain took for each transaction of ours, exact, in the network's own coin.
CREATE TABLE wallet_bridge.network_costs (
    tenant_id uuid NOT NULL,
    network text NOT NULL,
    txid text NOT NULL,
    asset text NOT NULL REFERENCES payments.assets (code),
    fee kernel.amount NOT NULL CHECK (fee > 0),
    at timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (tenant_id, network, txid)
);
CALL kernel.protect('wallet_bridge.network_costs', app => 'SELECT', engine => 'SELECT, INSERT');
