-- What a block made of an attempt: its fee, and whether it paid. Set and taken back by whoever reads blocks.
ALTER TABLE custody.attempts ADD COLUMN fee custody.amount;
ALTER TABLE custody.attempts ADD COLUMN ok boolean;
CREATE INDEX attempts_by_height ON custody.attempts (network, height) WHERE height IS NOT NULL;
