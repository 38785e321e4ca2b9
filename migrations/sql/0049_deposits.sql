-- What customers send: the address that each has per network, and each output or token transfer that the custodian saw arrive.

CREATE TABLE wallet_bridge.deposit_addresses (
    tenant_id uuid NOT NULL,
    id uuid PRIMARY KEY,
    customer_id uuid NOT NULL,
    network text NOT NULL,
    -- What was asked for first; the address takes every asset of its network.
    asset text NOT NULL REFERENCES payments.assets (code),
    status text NOT NULL CHECK (status IN ('preparing', 'ready', 'refused')),
    address text CHECK (address <> ''),
    memo text CHECK (memo <> ''),
    reason text,
    created_at timestamptz NOT NULL,
    ready_at timestamptz,
    CHECK ((status = 'ready') = (address IS NOT NULL)),
    CHECK (memo IS NULL OR address IS NOT NULL)
);
CREATE UNIQUE INDEX deposit_addresses_one ON wallet_bridge.deposit_addresses (tenant_id, customer_id, network) WHERE status <> 'refused';
-- An address belongs to one customer for ever, whatever the house; where many share it, the memo tells them apart.
CREATE UNIQUE INDEX deposit_addresses_owner ON wallet_bridge.deposit_addresses (network, address, coalesce(memo, ''));
CALL kernel.protect('wallet_bridge.deposit_addresses', app => 'SELECT, INSERT', engine => 'SELECT, INSERT, UPDATE');

-- One row per output for ever: a block that goes and another that comes change it.
CREATE TABLE wallet_bridge.deposits (
    tenant_id uuid NOT NULL,
    id uuid PRIMARY KEY,
    customer_id uuid,
    network text NOT NULL,
    txid text NOT NULL,
    output bigint NOT NULL,
    asset text NOT NULL,
    amount kernel.amount NOT NULL CHECK (amount > 0),
    address text NOT NULL,
    memo text,
    status text NOT NULL CHECK (status IN ('seen', 'confirming', 'credited', 'final', 'held', 'released', 'refunding', 'orphaned', 'reversed',
                                           'below_minimum', 'suspense')),
    reason text,
    height bigint NOT NULL,
    block text NOT NULL,
    confirmations integer NOT NULL CHECK (confirmations >= 0),
    confirmations_to_credit integer NOT NULL CHECK (confirmations_to_credit >= 1),
    confirmations_to_final integer NOT NULL CHECK (confirmations_to_final >= confirmations_to_credit),
    -- The number of the newest event that was applied; an older one that comes late says nothing any more.
    seq bigint NOT NULL,
    -- Where the books have it: nowhere, with the customer, or on an account of the house that waits for a person. The credit that stands,
    -- the amount in whole units of the books, and how often it was booked: after a reversal the same output may be booked again.
    place text CHECK (place IN ('customer', 'held', 'suspense', 'small')),
    booked kernel.amount NOT NULL DEFAULT 0 CHECK (booked >= 0 AND booked <= amount),
    journal_id uuid,
    bookings integer NOT NULL DEFAULT 0,
    -- What was missing when it was reversed, because the customer had spent it. The customer's accounts are shut while it stands.
    shortage kernel.amount NOT NULL DEFAULT 0 CHECK (shortage >= 0),
    seen_at timestamptz NOT NULL,
    credited_at timestamptz,
    final_at timestamptz,
    updated_at timestamptz NOT NULL,
    UNIQUE (network, txid, output),
    CHECK ((place IS NULL) = (journal_id IS NULL)),
    CHECK (place IS NOT NULL OR booked = 0),
    CHECK (status NOT IN ('credited', 'final', 'released') OR (place IS NOT DISTINCT FROM 'customer' AND customer_id IS NOT NULL)),
    CHECK (place <> 'customer' OR status IN ('credited', 'final', 'released'))
);
CREATE INDEX deposits_of_tenant ON wallet_bridge.deposits (tenant_id, id DESC);
CREATE INDEX deposits_of_customer ON wallet_bridge.deposits (tenant_id, customer_id, id DESC);
CREATE INDEX deposits_unsettled ON wallet_bridge.deposits (tenant_id, customer_id, asset) WHERE status = 'credited';
CREATE INDEX deposits_waiting ON wallet_bridge.deposits (tenant_id, id DESC) WHERE status IN ('held', 'suspense');
CREATE INDEX deposits_missing ON wallet_bridge.deposits (tenant_id, customer_id) WHERE shortage > 0;
CALL kernel.protect('wallet_bridge.deposits', app => 'SELECT', engine => 'SELECT, INSERT, UPDATE');
