-- A house may stop lending; one that is there already goes on with it.
ALTER TABLE identity.tenant_settings DROP CONSTRAINT tenant_settings_products_check,
    ADD CONSTRAINT tenant_settings_products_check CHECK (products <@ ARRAY['payments', 'trading', 'lending']),
    ALTER COLUMN products SET DEFAULT '{payments,trading,lending}';
ALTER TABLE identity.tenant_settings NO FORCE ROW LEVEL SECURITY; -- as its owner, of every house
UPDATE identity.tenant_settings SET products = products || 'lending'::text;
ALTER TABLE identity.tenant_settings FORCE ROW LEVEL SECURITY;

-- Since when a price is missing is kept per asset, in lending.freezes.
ALTER TABLE lending.loans DROP COLUMN frozen_since;
