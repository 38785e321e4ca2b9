DROP TABLE wallet_bridge.deposits;
DROP TABLE wallet_bridge.deposit_addresses;
