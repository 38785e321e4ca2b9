DROP SCHEMA earn CASCADE;
ALTER TABLE payments.products DROP COLUMN sold_by;
