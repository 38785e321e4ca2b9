-- What a block made of an attempt: its fee, and whether it paid. Set and taken back by whoever reads blocks.
ALTER TABLE custody.attempts ADD COLUMN fee custody.amount;
ALTER TABLE custody.attempts ADD COLUMN ok boolean;
CREATE INDEX attempts_by_height ON custody.attempts (network, height) WHERE height IS NOT NULL;

-- The transfer that takes a deposit from its address into the hot wallet; none yet, or again none where that failed.
ALTER TABLE custody.deposits ADD COLUMN swept_by uuid REFERENCES custody.transfers (id);
CREATE INDEX deposits_to_sweep ON custody.deposits (network, asset, address) WHERE state = 'final' AND swept_by IS NULL;
CREATE INDEX deposits_swept ON custody.deposits (swept_by) WHERE swept_by IS NOT NULL;

-- The transfers that the custodian makes by itself.
CREATE INDEX transfers_of_house ON custody.transfers (network, state) WHERE starts_with(client_ref, 'house/');
CREATE INDEX transfers_by_source ON custody.transfers (network, payer) WHERE source = 'deposits';

-- On which side of its bounds a hot wallet stands, as it was told last.
CREATE TABLE custody.floats (
    network text NOT NULL,
    asset text NOT NULL,
    level text NOT NULL CHECK (level IN ('low', 'within', 'high')),
    at timestamptz NOT NULL,
    PRIMARY KEY (network, asset)
);
