-- What the code can read is all that a funding line may say: a row with a word that nobody knows made the whole list unreadable.

-- No day was ever charged on such a row, and no loan drawn from it: the code could not read it. It counts as one that named no day count.
ALTER TABLE lending.funding_lines NO FORCE ROW LEVEL SECURITY;
UPDATE lending.funding_lines SET day_count = 'actual/365'
 WHERE day_count NOT IN ('actual/365', 'actual/360', 'actual/actual', '30/360', '30e/360');
UPDATE lending.funding_lines SET source = adapter WHERE adapter <> 'ledger' AND source <> adapter;
ALTER TABLE lending.funding_lines FORCE ROW LEVEL SECURITY;
ALTER TABLE lending.funding_lines ADD CONSTRAINT funding_lines_day_count_check
    CHECK (day_count IN ('actual/365', 'actual/360', 'actual/actual', '30/360', '30e/360'));
-- A venue's money is named after the venue; a partner has a name of its own.
ALTER TABLE lending.funding_lines ADD CONSTRAINT funding_lines_source_fits_check CHECK (adapter = 'ledger' OR source = adapter);

-- What a venue said last that we have taken there, amounts by the venue's numbers: reconciliation compares what is stored and asks nobody.
CREATE TABLE lending.funding_readings (
    tenant_id uuid NOT NULL,
    adapter text NOT NULL CHECK (adapter IN ('ledger', 'bitfinex')),
    asset text NOT NULL,
    taken jsonb NOT NULL CHECK (jsonb_typeof(taken) = 'object'),
    read_at timestamptz NOT NULL,
    PRIMARY KEY (tenant_id, adapter, asset)
);
CALL kernel.protect('lending.funding_readings', app => 'SELECT', engine => 'SELECT, INSERT, UPDATE');
