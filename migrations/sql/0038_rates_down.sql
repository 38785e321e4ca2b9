ALTER TABLE lending.loans ADD COLUMN frozen_since timestamptz;

ALTER TABLE identity.tenant_settings NO FORCE ROW LEVEL SECURITY; -- as its owner, of every house
UPDATE identity.tenant_settings SET products = array_remove(products, 'lending');
ALTER TABLE identity.tenant_settings FORCE ROW LEVEL SECURITY;
ALTER TABLE identity.tenant_settings DROP CONSTRAINT tenant_settings_products_check,
    ADD CONSTRAINT tenant_settings_products_check CHECK (products <@ ARRAY['payments', 'trading']),
    ALTER COLUMN products SET DEFAULT '{payments,trading}';
