-- The custodian's event that told the draft last: signatures may also be fewer than before, where a Safe lost an owner.
ALTER TABLE wallet_bridge.cold_spends ADD COLUMN draft_seq bigint;

-- The approval by which people say what became of a transfer out of a wallet, while the custodian is asked what it knows.
ALTER TABLE wallet_bridge.treasury_transfers ADD COLUMN deciding uuid;
CREATE UNIQUE INDEX treasury_transfers_deciding ON wallet_bridge.treasury_transfers (deciding) WHERE deciding IS NOT NULL;

-- What of a wallet was too fine for the books at the moment of the sample; without it no difference between report and ledger tells anything.
ALTER TABLE wallet_bridge.balance_history ADD COLUMN residue kernel.amount NOT NULL DEFAULT 0;
