DROP TABLE wallet_bridge.network_costs;
DROP TABLE wallet_bridge.residues;
DROP TABLE wallet_bridge.stuck_events;
DROP TABLE wallet_bridge.cursors;
DROP TABLE wallet_bridge.networks;
