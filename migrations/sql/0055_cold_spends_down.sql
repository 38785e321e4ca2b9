DROP TABLE wallet_bridge.cold_signatures;
DROP TABLE wallet_bridge.cold_spends;
