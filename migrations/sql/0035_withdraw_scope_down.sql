DELETE FROM identity.api_nonces WHERE key_id IN (SELECT id FROM identity.api_keys WHERE 'withdraw' = ANY (scopes));
DELETE FROM identity.api_keys WHERE 'withdraw' = ANY (scopes); -- what they may do has no name any more
ALTER TABLE identity.api_keys DROP CONSTRAINT api_keys_withdraw_from, DROP CONSTRAINT api_keys_scopes_check,
    ADD CONSTRAINT api_keys_scopes_check CHECK (cardinality(scopes) > 0 AND array_position(scopes, NULL) IS NULL
        AND scopes <@ ARRAY['read', 'trade']);
