-- A key may move money out, if it names where it is used from. Programs of others never may.
ALTER TABLE identity.api_keys DROP CONSTRAINT api_keys_scopes_check,
    ADD CONSTRAINT api_keys_scopes_check CHECK (cardinality(scopes) > 0 AND array_position(scopes, NULL) IS NULL
        AND scopes <@ ARRAY['read', 'trade', 'withdraw']),
    ADD CONSTRAINT api_keys_withdraw_from CHECK (NOT 'withdraw' = ANY (scopes) OR cardinality(ip_allow) > 0);
