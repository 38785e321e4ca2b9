-- A draft is a PSBT, whose fee is its own, or the encoded SafeTx of one of a Safe's numbers, which the hot wallet pays the fee of.
ALTER TABLE custody.cold_drafts RENAME COLUMN psbt TO raw;
ALTER TABLE custody.cold_drafts ALTER COLUMN fee DROP NOT NULL;
ALTER TABLE custody.cold_drafts ADD COLUMN nonce bigint CHECK (nonce >= 0);
-- The block that it was drafted at: what the Safe did before cannot be this.
ALTER TABLE custody.cold_drafts ADD COLUMN height bigint;
ALTER TABLE custody.cold_drafts ADD CHECK ((fee IS NULL) = (nonce IS NOT NULL) AND (nonce IS NULL) = (height IS NULL));

-- What the chain says of the Safe that is a network's cold wallet, as it was read last; `trouble`: why it is not to be trusted.
CREATE TABLE custody.safes (
    network text PRIMARY KEY,
    address text NOT NULL,
    height bigint NOT NULL,
    owners text[] NOT NULL,
    threshold integer NOT NULL,
    nonce bigint NOT NULL,
    trouble text,
    at timestamptz NOT NULL
);
