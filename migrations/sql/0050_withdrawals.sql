-- What customers take out: the addresses they may send to, and each withdrawal with the moments of its way.

-- An entry never changes but by its removal; money goes to it from `active_from` on.
CREATE TABLE wallet_bridge.address_book (
    tenant_id uuid NOT NULL,
    id uuid PRIMARY KEY,
    customer_id uuid NOT NULL,
    network text NOT NULL,
    address text NOT NULL CHECK (length(address) BETWEEN 1 AND 128),
    -- The address in the one spelling in which it is compared.
    plain text NOT NULL CHECK (length(plain) BETWEEN 1 AND 128),
    memo text CHECK (length(memo) BETWEEN 1 AND 64),
    label text NOT NULL CHECK (length(label) BETWEEN 1 AND 64),
    active_from timestamptz NOT NULL,
    created_at timestamptz NOT NULL,
    removed_at timestamptz
);
CREATE UNIQUE INDEX address_book_once ON wallet_bridge.address_book (tenant_id, customer_id, network, plain, coalesce(memo, ''))
    WHERE removed_at IS NULL;
CREATE INDEX address_book_of_customer ON wallet_bridge.address_book (tenant_id, customer_id, id DESC);
CALL kernel.protect('wallet_bridge.address_book', app => 'SELECT, INSERT, UPDATE', engine => 'SELECT');

CREATE TABLE wallet_bridge.withdrawals (
    tenant_id uuid NOT NULL,
    id uuid PRIMARY KEY,
    customer_id uuid NOT NULL,
    address_id uuid NOT NULL REFERENCES wallet_bridge.address_book (id),
    asset text NOT NULL REFERENCES payments.assets (code),
    network text NOT NULL,
    address text NOT NULL,
    plain text NOT NULL,
    memo text,
    label text NOT NULL,
    amount kernel.amount NOT NULL CHECK (amount > 0),
    fee kernel.amount NOT NULL CHECK (fee >= 0 AND fee < amount),
    -- The most of the network's own coin that its payment may cost.
    fee_cap kernel.amount NOT NULL CHECK (fee_cap > 0),
    -- What it was worth when it was asked for, in USDT; NULL where nobody knew.
    value kernel.amount CHECK (value >= 0),
    -- The customer of this house whose deposit address it is: then it stays in the books.
    receiver_id uuid CHECK (receiver_id <> customer_id),
    state text NOT NULL CHECK (state IN ('review', 'approved', 'reserved', 'sent', 'signed', 'broadcast', 'confirming', 'final', 'rejected',
                                         'cancelled', 'failed', 'unknown', 'not_placed', 'manual')),
    -- Why a person has to look first.
    review text[] NOT NULL DEFAULT '{}',
    hold_id uuid NOT NULL UNIQUE,
    released_by uuid,
    approved_by uuid,
    cancel_asked_at timestamptz,
    -- The custodian said that it is too late for that.
    cancel_refused boolean NOT NULL DEFAULT false,
    txid text,
    confirmations integer NOT NULL DEFAULT 0 CHECK (confirmations >= 0),
    -- When the custodian says that it changed last: what is older comes too late to count.
    reported_at timestamptz,
    -- What the custodian said that cannot be, after the end or of another payment; people look at it.
    contradiction text,
    reason text CHECK (length(reason) BETWEEN 1 AND 500),
    created_at timestamptz NOT NULL,
    updated_at timestamptz NOT NULL,
    ended_at timestamptz,
    CHECK ((ended_at IS NOT NULL) = (state IN ('final', 'rejected', 'cancelled', 'failed', 'not_placed'))),
    CHECK (receiver_id IS NULL OR (txid IS NULL AND fee = 0)),
    CHECK (approved_by IS NULL OR (released_by IS NOT NULL AND released_by <> approved_by)),
    CHECK (cardinality(review) = 0 OR approved_by IS NOT NULL OR state IN ('review', 'rejected', 'cancelled'))
);
CREATE INDEX withdrawals_of_tenant ON wallet_bridge.withdrawals (tenant_id, id DESC);
CREATE INDEX withdrawals_of_customer ON wallet_bridge.withdrawals (tenant_id, customer_id, id DESC);
CREATE INDEX withdrawals_counted ON wallet_bridge.withdrawals (tenant_id, customer_id, created_at);
CREATE INDEX withdrawals_to_address ON wallet_bridge.withdrawals (address_id);
CREATE INDEX withdrawals_open ON wallet_bridge.withdrawals (tenant_id, state, id DESC) WHERE ended_at IS NULL;
CALL kernel.protect('wallet_bridge.withdrawals', app => 'SELECT, INSERT, UPDATE', engine => 'SELECT, INSERT, UPDATE');

-- When it was first in each state.
CREATE TABLE wallet_bridge.withdrawal_steps (
    tenant_id uuid NOT NULL,
    withdrawal_id uuid NOT NULL REFERENCES wallet_bridge.withdrawals (id),
    state text NOT NULL,
    at timestamptz NOT NULL,
    PRIMARY KEY (withdrawal_id, state)
);
CALL kernel.protect('wallet_bridge.withdrawal_steps', app => 'SELECT, INSERT', engine => 'SELECT, INSERT');

-- Whether an address is one of ours is asked in whatever case it was typed.
CREATE INDEX deposit_addresses_any_case ON wallet_bridge.deposit_addresses (tenant_id, network, lower(address));

-- A list of names may hold addresses too: they are looked up as they are written.
CREATE INDEX screening_entries_names ON identity.screening_entries USING gin (names);

-- A house may stop paying out; what is on its way goes on.
ALTER TABLE identity.tenant_settings DROP CONSTRAINT tenant_settings_products_check,
    ADD CONSTRAINT tenant_settings_products_check CHECK (products <@ ARRAY['payments', 'trading', 'lending', 'earn', 'withdrawals']),
    ALTER COLUMN products SET DEFAULT '{payments,trading,lending,earn,withdrawals}';
ALTER TABLE identity.tenant_settings NO FORCE ROW LEVEL SECURITY; -- as its owner, of every house
UPDATE identity.tenant_settings SET products = products || 'withdrawals'::text;
ALTER TABLE identity.tenant_settings FORCE ROW LEVEL SECURITY;
