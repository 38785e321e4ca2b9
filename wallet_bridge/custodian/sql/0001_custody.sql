-- The custodian's own database. Everything stands in one schema; its one role owns all of it, and nobody else enters.
CREATE SCHEMA custody;
CREATE DOMAIN custody.amount AS numeric CHECK (abs(VALUE) < 1e38);

-- Signed messages that were taken; a nonce of a sender counts once. Kept for longer than a message is valid.
CREATE TABLE custody.nonces (
    key_id text NOT NULL,
    nonce text NOT NULL,
    at timestamptz NOT NULL,
    PRIMARY KEY (key_id, nonce)
);
CREATE INDEX nonces_age ON custody.nonces (at);

-- The number of the last event; whoever adds one holds this row until the commit, so that numbers have no gap and are seen in order.
CREATE TABLE custody.event_head (
    only_one boolean PRIMARY KEY DEFAULT true CHECK (only_one),
    seq bigint NOT NULL
);
INSERT INTO custody.event_head (seq) VALUES (0);
CREATE TABLE custody.events (
    seq bigint PRIMARY KEY,
    id uuid NOT NULL UNIQUE,
    type text NOT NULL,
    at timestamptz NOT NULL,
    data jsonb NOT NULL
);

-- Where webhooks go, how far they have been told, and what could not be told.
CREATE TABLE custody.hooks (
    url text PRIMARY KEY,
    told bigint NOT NULL,
    tries integer NOT NULL DEFAULT 0,
    next_at timestamptz NOT NULL,
    last_error text,
    off boolean NOT NULL DEFAULT false
);
CREATE TABLE custody.dead_letters (
    url text NOT NULL,
    seq bigint NOT NULL,
    at timestamptz NOT NULL,
    error text NOT NULL,
    PRIMARY KEY (url, seq)
);

-- The next free number of what a network's wallet hands out: derivation indexes, and nonces of the accounts that pay.
CREATE TABLE custody.counters (
    network text NOT NULL,
    name text NOT NULL,
    next bigint NOT NULL CHECK (next >= 0),
    PRIMARY KEY (network, name)
);

CREATE TABLE custody.addresses (
    id uuid PRIMARY KEY,
    client_ref text NOT NULL UNIQUE,
    owner_ref text NOT NULL,
    network text NOT NULL,
    address text NOT NULL,
    memo text,
    index bigint NOT NULL CHECK (index >= 0),
    created_at timestamptz NOT NULL,
    UNIQUE (network, index),
    UNIQUE NULLS NOT DISTINCT (network, address, memo)
);
CREATE UNIQUE INDEX addresses_one_a_network ON custody.addresses (network, owner_ref);

CREATE TABLE custody.whitelist (
    id uuid PRIMARY KEY,
    client_ref text NOT NULL UNIQUE,
    network text NOT NULL,
    address text NOT NULL,
    memo text,
    label text NOT NULL,
    proposed_by text NOT NULL,
    approved_by text,
    active_from timestamptz,
    told boolean NOT NULL DEFAULT false,
    removed_at timestamptz,
    created_at timestamptz NOT NULL,
    CHECK ((approved_by IS NULL) = (active_from IS NULL)),
    CHECK (approved_by <> proposed_by)
);

CREATE TABLE custody.transfers (
    id uuid PRIMARY KEY,
    client_ref text NOT NULL UNIQUE,
    -- Of what was asked: the same reference with other content is refused.
    digest bytea NOT NULL,
    request jsonb NOT NULL,
    source text NOT NULL CHECK (source IN ('hot', 'deposits')),
    -- The account that pays: the hot wallet's, or a deposit address.
    payer text NOT NULL,
    network text NOT NULL,
    asset text NOT NULL,
    amount custody.amount NOT NULL CHECK (amount > 0),
    fee_cap custody.amount NOT NULL CHECK (fee_cap >= 0),
    address text NOT NULL,
    memo text,
    state text NOT NULL CHECK (state IN ('accepted', 'signed', 'broadcast', 'confirming', 'final', 'failed', 'cancelled')),
    confirmations integer NOT NULL DEFAULT 0,
    -- Of the attempt that is on the chain.
    txid text,
    fee custody.amount,
    reason text,
    created_at timestamptz NOT NULL,
    updated_at timestamptz NOT NULL
);
CREATE INDEX transfers_open ON custody.transfers (network, state, created_at) WHERE state IN ('accepted', 'signed', 'broadcast', 'confirming');

-- The bytes that may pay a transfer. They are stored before they are sent, and nothing else is ever sent for it. Attempts of one transfer
-- spend the same nonce or the same outputs, so that at most one of them can be on a chain.
CREATE TABLE custody.attempts (
    transfer_id uuid NOT NULL REFERENCES custody.transfers (id),
    number integer NOT NULL CHECK (number >= 1),
    network text NOT NULL,
    payer text NOT NULL,
    nonce bigint,
    raw bytea NOT NULL,
    txid text NOT NULL,
    max_fee custody.amount NOT NULL,
    created_at timestamptz NOT NULL,
    sent_at timestamptz,
    last_error text,
    height bigint,
    block text,
    PRIMARY KEY (transfer_id, number),
    UNIQUE (network, txid)
);
CREATE INDEX attempts_by_nonce ON custody.attempts (network, payer, nonce);

-- Outputs that stored attempts spend; an output belongs to one transfer until that has failed.
CREATE TABLE custody.spends (
    network text NOT NULL,
    txid text NOT NULL,
    output integer NOT NULL,
    transfer_id uuid NOT NULL REFERENCES custody.transfers (id),
    PRIMARY KEY (network, txid, output)
);

-- The last blocks of each network as they were read: enough to walk back to where two histories part.
CREATE TABLE custody.blocks (
    network text NOT NULL,
    height bigint NOT NULL,
    hash text NOT NULL,
    parent text NOT NULL,
    PRIMARY KEY (network, height)
);
CREATE TABLE custody.networks (
    network text PRIMARY KEY,
    scanned bigint NOT NULL,
    tip bigint,
    last_error text,
    last_error_at timestamptz
);

CREATE TABLE custody.deposits (
    network text NOT NULL,
    txid text NOT NULL,
    output integer NOT NULL,
    asset text NOT NULL,
    amount custody.amount NOT NULL CHECK (amount > 0),
    address text NOT NULL,
    memo text,
    owner_ref text,
    state text NOT NULL CHECK (state IN ('seen', 'confirming', 'final', 'orphaned')),
    height bigint NOT NULL,
    block text NOT NULL,
    confirmations integer NOT NULL,
    seen_at timestamptz NOT NULL,
    PRIMARY KEY (network, txid, output)
);
CREATE INDEX deposits_open ON custody.deposits (network, height) WHERE state IN ('seen', 'confirming');
