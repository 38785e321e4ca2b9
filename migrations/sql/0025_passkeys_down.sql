DROP FUNCTION identity.principal_by_passkey(bytea);
DROP TABLE identity.passkey_challenges;
DROP TABLE identity.passkeys;
