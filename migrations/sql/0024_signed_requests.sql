-- Programs sign requests to every route: a nonce of theirs is good once, as long as its request could still be accepted.
ALTER TABLE identity.api_keys ADD COLUMN expires_at timestamptz CHECK (expires_at > created_at);
CREATE TABLE identity.api_nonces (
    tenant_id uuid NOT NULL,
    key_id uuid NOT NULL REFERENCES identity.api_keys (id),
    nonce text NOT NULL CHECK (length(nonce) BETWEEN 8 AND 64),
    expires_at timestamptz NOT NULL,
    PRIMARY KEY (key_id, nonce)
);
CREATE INDEX api_nonces_expiry ON identity.api_nonces (expires_at);
CALL kernel.protect('identity.api_nonces', app => 'SELECT, INSERT', engine => 'SELECT, DELETE');
