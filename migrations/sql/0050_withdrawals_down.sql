ALTER TABLE identity.tenant_settings NO FORCE ROW LEVEL SECURITY;
UPDATE identity.tenant_settings SET products = array_remove(products, 'withdrawals');
ALTER TABLE identity.tenant_settings FORCE ROW LEVEL SECURITY;
ALTER TABLE identity.tenant_settings DROP CONSTRAINT tenant_settings_products_check,
    ADD CONSTRAINT tenant_settings_products_check CHECK (products <@ ARRAY['payments', 'trading', 'lending', 'earn']),
    ALTER COLUMN products SET DEFAULT '{payments,trading,lending,earn}';
DROP INDEX wallet_bridge.deposit_addresses_any_case;
DROP INDEX identity.screening_entries_names;
DROP TABLE wallet_bridge.withdrawal_steps;
DROP TABLE wallet_bridge.withdrawals;
DROP TABLE wallet_bridge.address_book;
