DROP SCHEMA wallet_bridge CASCADE;
