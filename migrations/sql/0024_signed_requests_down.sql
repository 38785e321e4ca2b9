DROP TABLE identity.api_nonces;
ALTER TABLE identity.api_keys DROP COLUMN expires_at;
