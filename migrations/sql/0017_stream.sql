-- What live streams keep: each person's own events, numbered without gaps, so that whoever was away reads on where they stopped.
CREATE TABLE kernel.feed_heads (
    tenant_id uuid NOT NULL,
    owner_id uuid NOT NULL,
    channel text NOT NULL,
    seq bigint NOT NULL CHECK (seq > 0),
    PRIMARY KEY (tenant_id, owner_id, channel)
);
CALL kernel.protect('kernel.feed_heads', app => 'SELECT', engine => 'SELECT, INSERT, UPDATE');

CREATE TABLE kernel.feed_entries (
    tenant_id uuid NOT NULL,
    owner_id uuid NOT NULL,
    channel text NOT NULL,
    seq bigint NOT NULL,
    -- What is told: the event or the fill. Told twice is an error, not a second entry.
    source uuid NOT NULL,
    -- JSON as it goes out, byte for byte.
    data text NOT NULL,
    told_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    PRIMARY KEY (tenant_id, owner_id, channel, seq),
    UNIQUE (tenant_id, channel, source)
);
CREATE INDEX feed_entries_age ON kernel.feed_entries (told_at);
CALL kernel.protect('kernel.feed_entries', app => 'SELECT', engine => 'SELECT, INSERT, DELETE');
