ALTER TABLE wallet_bridge.cold_spends DROP COLUMN draft_seq;
