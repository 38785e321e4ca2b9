DROP TABLE wallet_bridge.treasury_transfers;
DROP TABLE wallet_bridge.treasury_proposals;
DROP TABLE wallet_bridge.venue_addresses;
DROP TABLE wallet_bridge.venue_rails;
