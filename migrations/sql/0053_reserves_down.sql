DROP TABLE wallet_bridge.reserve_leaves;
DROP TABLE wallet_bridge.reserve_trees;
DROP TABLE wallet_bridge.reserve_snapshots;
