-- The custodian's event that told the draft last: signatures may also be fewer than before, where a Safe lost an owner.
ALTER TABLE wallet_bridge.cold_spends ADD COLUMN draft_seq bigint;

-- The approval by which people say what became of a transfer out of a wallet, while the custodian is asked what it knows.
ALTER TABLE wallet_bridge.treasury_transfers ADD COLUMN deciding uuid;
CREATE UNIQUE INDEX treasury_transfers_deciding ON wallet_bridge.treasury_transfers (deciding) WHERE deciding IS NOT NULL;

-- Deposits below the books' smallest unit: carried with their wallet from now on, and those that came before, too.
ALTER TABLE wallet_bridge.deposits ADD COLUMN fine kernel.amount NOT NULL DEFAULT 0 CHECK (fine = 0 OR (fine = amount AND place IS NULL));
ALTER TABLE wallet_bridge.deposits NO FORCE ROW LEVEL SECURITY;
ALTER TABLE wallet_bridge.residues NO FORCE ROW LEVEL SECURITY;
UPDATE wallet_bridge.deposits d SET fine = amount FROM payments.assets a
 WHERE a.code = d.asset AND d.place IS NULL AND d.status IN ('below_minimum', 'suspense')
   AND d.reason IS DISTINCT FROM 'asset_unknown' AND trunc(d.amount, a.scale) = 0;
INSERT INTO wallet_bridge.residues AS r (tenant_id, network, asset, carried)
SELECT tenant_id, network, asset, sum(fine) FROM wallet_bridge.deposits WHERE fine > 0 GROUP BY tenant_id, network, asset
ON CONFLICT (tenant_id, network, asset) DO UPDATE SET carried = r.carried + EXCLUDED.carried;
ALTER TABLE wallet_bridge.deposits FORCE ROW LEVEL SECURITY;
ALTER TABLE wallet_bridge.residues FORCE ROW LEVEL SECURITY;

-- What of a wallet was too fine for the books at the moment of the sample; without it no difference between report and ledger tells anything.
ALTER TABLE wallet_bridge.balance_history ADD COLUMN residue kernel.amount NOT NULL DEFAULT 0;
