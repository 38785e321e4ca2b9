ALTER TABLE wallet_bridge.cold_spends DROP COLUMN draft_seq;
ALTER TABLE wallet_bridge.treasury_transfers DROP COLUMN deciding;
ALTER TABLE wallet_bridge.balance_history DROP COLUMN residue;
