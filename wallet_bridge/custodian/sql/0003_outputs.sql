-- Outputs that pay addresses of ours, as the blocks that were read say: what may be spent, kept by the reader, so that a block that
-- leaves the chain takes its outputs with it, and gives back those it spent. Which stored bytes use an output stands in custody.spends.
CREATE TABLE custody.outputs (
    network text NOT NULL,
    txid text NOT NULL,
    output integer NOT NULL,
    address text NOT NULL,
    amount custody.amount NOT NULL CHECK (amount > 0),
    wallet text NOT NULL CHECK (wallet IN ('hot', 'deposits', 'cold')),
    -- The number of its key's derivation; NULL where no key is here.
    index bigint CHECK ((index IS NULL) = (wallet = 'cold')),
    height bigint NOT NULL,
    -- Blocks until the network lets it be spent, beyond what an ordinary output needs (what a miner was paid).
    rests integer NOT NULL CHECK (rests >= 0),
    spent_by text,
    spent_height bigint,
    PRIMARY KEY (network, txid, output),
    CHECK ((spent_by IS NULL) = (spent_height IS NULL))
);
CREATE INDEX outputs_unspent ON custody.outputs (network, wallet, amount DESC) WHERE spent_height IS NULL;
CREATE INDEX outputs_by_address ON custody.outputs (network, address) WHERE spent_height IS NULL;
CREATE INDEX outputs_by_height ON custody.outputs (network, height);
CREATE INDEX outputs_by_spender ON custody.outputs (network, spent_height) WHERE spent_height IS NOT NULL;

-- Payments out of a cold wallet: what its holders were asked to sign, and what they signed of it.
ALTER TABLE custody.transfers DROP CONSTRAINT transfers_source_check;
ALTER TABLE custody.transfers ADD CONSTRAINT transfers_source_check CHECK (source IN ('hot', 'deposits', 'cold'));
CREATE TABLE custody.cold_drafts (
    transfer_id uuid PRIMARY KEY REFERENCES custody.transfers (id),
    psbt bytea NOT NULL,
    fee custody.amount NOT NULL CHECK (fee > 0),
    created_at timestamptz NOT NULL
);
CREATE TABLE custody.cold_signatures (
    transfer_id uuid NOT NULL REFERENCES custody.cold_drafts (transfer_id),
    input integer NOT NULL,
    public_key bytea NOT NULL,
    signature bytea NOT NULL,
    at timestamptz NOT NULL,
    PRIMARY KEY (transfer_id, input, public_key)
);
