DROP SCHEMA lending CASCADE;
ALTER TABLE payments.accounts DROP CONSTRAINT accounts_pledged_check;
ALTER TABLE payments.accounts DROP CONSTRAINT accounts_kind_check;
ALTER TABLE payments.accounts ADD CONSTRAINT accounts_kind_check CHECK (kind IN
    ('customer', 'house', 'revenue', 'expense', 'custody', 'external', 'in_transit', 'receivable', 'pool', 'suspense'));
