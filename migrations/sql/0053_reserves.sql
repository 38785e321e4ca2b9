-- Proof of reserves: what every customer is owed at one moment as the leaves of Merkle sum trees, whose signed roots are public.

CREATE TABLE wallet_bridge.reserve_snapshots (
    tenant_id uuid NOT NULL,
    id uuid PRIMARY KEY,
    state text NOT NULL CHECK (state IN ('asked', 'taken', 'published', 'refused', 'forgotten')),
    asked_at timestamptz NOT NULL,
    -- The moment that the leaves are of.
    taken_at timestamptz,
    published_at timestamptz,
    -- What was signed, to the byte, and by whom. The public key stands here for convenience: whoever does not believe us has it from elsewhere.
    statement text,
    key_id text,
    public_key bytea CHECK (length(public_key) = 32),
    signature bytea CHECK (length(signature) = 64),
    reason text CHECK (reason IN ('negative_balance', 'ledger_differs', 'no_key')),
    CHECK ((state = 'refused') = (reason IS NOT NULL)),
    CHECK ((state IN ('published', 'forgotten')) = (published_at IS NOT NULL)),
    CHECK (published_at IS NULL OR (taken_at, statement, key_id, public_key, signature) IS NOT NULL)
);
CREATE UNIQUE INDEX reserve_snapshots_one_under_way ON wallet_bridge.reserve_snapshots (tenant_id) WHERE state IN ('asked', 'taken');
CREATE INDEX reserve_snapshots_newest ON wallet_bridge.reserve_snapshots (tenant_id, id DESC);
CALL kernel.protect('wallet_bridge.reserve_snapshots', app => 'SELECT, INSERT', engine => 'SELECT, INSERT, UPDATE');

-- In units of the asset. `ledger`: what the books owed customers at that moment, summed another way than the leaves. `tops`: the nodes that
-- are kept, 64 bytes each; a proof makes the others again. What stands against it is signed, for an account of ours may be overdrawn.
CREATE TABLE wallet_bridge.reserve_trees (
    tenant_id uuid NOT NULL,
    snapshot_id uuid NOT NULL REFERENCES wallet_bridge.reserve_snapshots (id),
    asset text NOT NULL,
    scale smallint NOT NULL CHECK (scale BETWEEN 0 AND 18),
    leaves integer NOT NULL CHECK (leaves > 0),
    liabilities numeric NOT NULL CHECK (liabilities > 0 AND liabilities = trunc(liabilities)),
    ledger numeric NOT NULL,
    venues numeric NOT NULL,
    wallets numeric NOT NULL,
    cash numeric NOT NULL,
    in_transit numeric NOT NULL,
    loans numeric NOT NULL,
    root bytea CHECK (length(root) = 32),
    tops bytea CHECK (length(tops) % 64 = 0),
    PRIMARY KEY (snapshot_id, asset)
);
CALL kernel.protect('wallet_bridge.reserve_trees', app => 'SELECT', engine => 'SELECT, INSERT, UPDATE, DELETE');

-- The place is drawn anew for each snapshot, and so is the nonce: without it nobody can try amounts against a neighbour's hash.
CREATE TABLE wallet_bridge.reserve_leaves (
    tenant_id uuid NOT NULL,
    snapshot_id uuid NOT NULL REFERENCES wallet_bridge.reserve_snapshots (id),
    asset text NOT NULL,
    position integer NOT NULL CHECK (position >= 0),
    customer_id uuid NOT NULL,
    nonce uuid NOT NULL,
    amount numeric NOT NULL CHECK (amount >= 0 AND amount = trunc(amount)),
    PRIMARY KEY (snapshot_id, asset, position),
    UNIQUE (snapshot_id, customer_id, asset)
);
CALL kernel.protect('wallet_bridge.reserve_leaves', app => 'SELECT', engine => 'SELECT, INSERT, DELETE');
