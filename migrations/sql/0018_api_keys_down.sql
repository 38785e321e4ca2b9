ALTER TABLE broker.fills DROP COLUMN number;
ALTER TABLE broker.orders DROP COLUMN number;
DROP FUNCTION identity.principal_by_api_key(text);
DROP TABLE identity.api_keys;
