-- What is told to people and machines. Texts are not stored: a notice keeps its kind and parameters and is worded when it is read.
CREATE SCHEMA notices;
GRANT USAGE ON SCHEMA notices TO rivermouth_app, rivermouth_engine;

CREATE TABLE notices.notices (
    tenant_id uuid NOT NULL,
    id uuid PRIMARY KEY,
    principal_id uuid NOT NULL,
    kind text NOT NULL,
    params jsonb NOT NULL CHECK (jsonb_typeof(params) = 'object'),
    -- One notice per fact, however often its event is read.
    dedup_key text NOT NULL CHECK (length(dedup_key) BETWEEN 1 AND 200),
    in_inbox boolean NOT NULL,
    created_at timestamptz NOT NULL,
    read_at timestamptz,
    UNIQUE (tenant_id, principal_id, dedup_key)
);
COMMENT ON COLUMN notices.notices.created_at IS 'Business time, as what the notice tells of; the order of a list is that of the ids.';
COMMENT ON COLUMN notices.notices.in_inbox IS 'False where the person wants this kind elsewhere only, for example by mail.';
CREATE INDEX notices_inbox ON notices.notices (tenant_id, principal_id, id DESC) WHERE in_inbox;
CREATE INDEX notices_unread ON notices.notices (tenant_id, principal_id) WHERE in_inbox AND read_at IS NULL;
CREATE INDEX notices_age ON notices.notices (created_at);
CALL kernel.protect('notices.notices', app => 'SELECT', engine => 'SELECT, INSERT, DELETE');
GRANT UPDATE (read_at) ON notices.notices TO rivermouth_app;

-- Only what differs from the defaults, which stand in the code: {kind: {channel: wanted}}.
CREATE TABLE notices.preferences (
    tenant_id uuid NOT NULL,
    principal_id uuid PRIMARY KEY,
    language text NOT NULL CHECK (language IN ('en', 'zh')),
    choices jsonb NOT NULL CHECK (jsonb_typeof(choices) = 'object')
);
CALL kernel.protect('notices.preferences', app => 'SELECT, INSERT, UPDATE', engine => 'SELECT');

-- One row per mail; each attempt is a call with the reference id/attempt. The text is made when it is sent and stored nowhere.
CREATE TABLE notices.mails (
    tenant_id uuid NOT NULL,
    id uuid PRIMARY KEY,
    notice_id uuid NOT NULL UNIQUE REFERENCES notices.notices (id) ON DELETE CASCADE,
    state text NOT NULL CHECK (state IN ('waiting', 'later', 'sent', 'unknown', 'refused', 'expired')),
    attempts integer NOT NULL CHECK (attempts > 0),
    next_attempt_at timestamptz,
    reason text,
    changed_at timestamptz NOT NULL,
    CHECK ((state = 'later') = (next_attempt_at IS NOT NULL))
);
COMMENT ON COLUMN notices.mails.next_attempt_at IS 'Business time.';
CREATE INDEX mails_due ON notices.mails (next_attempt_at) WHERE state = 'later';
CALL kernel.protect('notices.mails', app => '', engine => 'SELECT, INSERT, UPDATE, DELETE');

-- Addresses that customers want to be told at. The secret signs what is sent there; it is shown once and kept sealed.
CREATE TABLE notices.webhooks (
    tenant_id uuid NOT NULL,
    id uuid PRIMARY KEY,
    principal_id uuid NOT NULL,
    url text NOT NULL CHECK (length(url) <= 2048),
    kinds text[] NOT NULL CHECK (cardinality(kinds) > 0),
    sealed_secret bytea NOT NULL,
    created_at timestamptz NOT NULL
);
CREATE INDEX webhooks_of_principal ON notices.webhooks (tenant_id, principal_id);
CALL kernel.protect('notices.webhooks', app => 'SELECT, INSERT, DELETE', engine => 'SELECT');

-- One row per webhook and event. A receiver knows the event by its id, so it is asked again under the same id until it says yes.
CREATE TABLE notices.deliveries (
    tenant_id uuid NOT NULL,
    id uuid PRIMARY KEY,
    webhook_id uuid NOT NULL REFERENCES notices.webhooks (id) ON DELETE CASCADE,
    event_id uuid NOT NULL,
    kind text NOT NULL,
    data jsonb NOT NULL,
    state text NOT NULL CHECK (state IN ('pending', 'delivered', 'given_up')),
    round integer NOT NULL CHECK (round >= 0),
    call_id uuid,
    attempts integer NOT NULL CHECK (attempts >= 0),
    next_attempt_at timestamptz,
    last_attempt_at timestamptz,
    last_status integer,
    last_error text,
    created_at timestamptz NOT NULL,
    UNIQUE (webhook_id, event_id),
    CHECK ((state = 'pending') = (next_attempt_at IS NOT NULL))
);
COMMENT ON COLUMN notices.deliveries.next_attempt_at IS 'Business time, as all moments of this table.';
COMMENT ON COLUMN notices.deliveries.round IS 'How often it was replayed; each round is a call of its own.';
CREATE INDEX deliveries_of_webhook ON notices.deliveries (tenant_id, webhook_id, id DESC);
CREATE INDEX deliveries_due ON notices.deliveries (next_attempt_at) WHERE state = 'pending';
CREATE INDEX deliveries_age ON notices.deliveries (created_at) WHERE state <> 'pending';
CALL kernel.protect('notices.deliveries', app => 'SELECT, UPDATE', engine => 'SELECT, INSERT, UPDATE, DELETE');
