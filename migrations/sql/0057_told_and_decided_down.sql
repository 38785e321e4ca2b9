ALTER TABLE wallet_bridge.deposits NO FORCE ROW LEVEL SECURITY;
ALTER TABLE wallet_bridge.residues NO FORCE ROW LEVEL SECURITY;
UPDATE wallet_bridge.residues r SET carried = r.carried - d.fine
  FROM (SELECT tenant_id, network, asset, sum(fine) AS fine FROM wallet_bridge.deposits WHERE fine > 0 GROUP BY 1, 2, 3) d
 WHERE d.tenant_id = r.tenant_id AND d.network = r.network AND d.asset = r.asset;
ALTER TABLE wallet_bridge.deposits FORCE ROW LEVEL SECURITY;
ALTER TABLE wallet_bridge.residues FORCE ROW LEVEL SECURITY;
ALTER TABLE wallet_bridge.deposits DROP COLUMN fine;
ALTER TABLE wallet_bridge.cold_spends DROP COLUMN draft_seq;
ALTER TABLE wallet_bridge.treasury_transfers DROP COLUMN deciding;
ALTER TABLE wallet_bridge.balance_history DROP COLUMN residue;
