-- Rooms of chat services where staff is alerted. The address lets anybody write there: it is kept sealed and never shown.
CREATE TABLE notices.channels (
    tenant_id uuid NOT NULL,
    id uuid NOT NULL PRIMARY KEY,
    name text NOT NULL CHECK (length(name) BETWEEN 1 AND 64),
    service text NOT NULL,
    topics text[] NOT NULL CHECK (cardinality(topics) > 0),
    language text NOT NULL CHECK (language IN ('en', 'zh')),
    sealed_address bytea NOT NULL,
    created_by uuid NOT NULL,
    created_at timestamptz NOT NULL
);
CREATE INDEX channels_of_tenant ON notices.channels (tenant_id, id DESC);
CALL kernel.protect('notices.channels', app => 'SELECT, INSERT, DELETE', engine => 'SELECT');

-- One message holds what happened since the last one; it is one call, and never sent twice.
CREATE TABLE notices.chat_messages (
    tenant_id uuid NOT NULL,
    id uuid PRIMARY KEY,
    channel_id uuid NOT NULL REFERENCES notices.channels (id) ON DELETE CASCADE,
    state text NOT NULL CHECK (state IN ('waiting', 'sent', 'unknown', 'refused', 'expired')),
    reason text,
    created_at timestamptz NOT NULL,
    changed_at timestamptz NOT NULL
);
COMMENT ON COLUMN notices.chat_messages.created_at IS 'Business time, as all moments of these tables.';
CREATE INDEX chat_messages_of_channel ON notices.chat_messages (tenant_id, channel_id, id DESC);
CREATE INDEX chat_messages_lately ON notices.chat_messages (channel_id, created_at);
CREATE INDEX chat_messages_age ON notices.chat_messages (created_at) WHERE state <> 'waiting';
CALL kernel.protect('notices.chat_messages', app => 'SELECT', engine => 'SELECT, INSERT, UPDATE, DELETE');

CREATE TABLE notices.alerts (
    tenant_id uuid NOT NULL,
    id uuid PRIMARY KEY,
    channel_id uuid NOT NULL REFERENCES notices.channels (id) ON DELETE CASCADE,
    kind text NOT NULL,
    params jsonb NOT NULL CHECK (jsonb_typeof(params) = 'object'),
    -- One alert per channel and fact, however often its event is read.
    dedup_key text NOT NULL CHECK (length(dedup_key) BETWEEN 1 AND 200),
    message_id uuid REFERENCES notices.chat_messages (id) ON DELETE CASCADE,
    created_at timestamptz NOT NULL,
    UNIQUE (channel_id, dedup_key)
);
CREATE INDEX alerts_waiting ON notices.alerts (channel_id) WHERE message_id IS NULL;
CREATE INDEX alerts_of_message ON notices.alerts (message_id);
CALL kernel.protect('notices.alerts', app => 'INSERT', engine => 'SELECT, INSERT, UPDATE, DELETE');
