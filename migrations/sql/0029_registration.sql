-- An account may be shut without being over: `locked` by staff, `frozen` by its owner through the link in a mail.
ALTER TABLE identity.principals DROP CONSTRAINT principals_status_check,
    ADD CONSTRAINT principals_status_check CHECK (status IN ('active', 'disabled', 'locked', 'frozen'));
CREATE INDEX principals_list ON identity.principals (tenant_id, kind, id DESC);

-- Who wants an account. Nobody has one before the link in the mail is used; the password waits here as its hash until then.
CREATE TABLE identity.registrations (
    tenant_id uuid NOT NULL,
    id uuid PRIMARY KEY,
    email text NOT NULL CHECK (email = lower(email) AND length(email) BETWEEN 3 AND 254),
    name text NOT NULL CHECK (length(name) <= 100),
    language text NOT NULL CHECK (language IN ('en', 'zh')),
    password_hash text CHECK (password_hash LIKE '$argon2id$%'),
    asked_at timestamptz NOT NULL,
    principal_id uuid,
    CHECK ((password_hash IS NULL) = (principal_id IS NOT NULL))
);
COMMENT ON COLUMN identity.registrations.principal_id IS 'Who this became; the hash went with it.';
CREATE INDEX registrations_of_email ON identity.registrations (tenant_id, email, id DESC);
CREATE INDEX registrations_age ON identity.registrations (asked_at);
CALL kernel.protect('identity.registrations', app => 'SELECT, INSERT, UPDATE (password_hash, principal_id)', engine => 'DELETE');
GRANT SELECT (tenant_id, id, email, name, language, asked_at, principal_id) ON identity.registrations TO rivermouth_engine;

-- Links in mails: each is made while its mail is worded, only its hash is kept, and it opens one thing once. Judged by wall time.
CREATE TABLE identity.mail_links (
    tenant_id uuid NOT NULL,
    token_hash bytea PRIMARY KEY CHECK (octet_length(token_hash) = 32),
    purpose text NOT NULL CHECK (purpose IN ('registration', 'password_reset', 'email_old', 'email_new', 'freeze')),
    subject_id uuid NOT NULL,
    minted_at timestamptz NOT NULL,
    expires_at timestamptz NOT NULL CHECK (expires_at > minted_at),
    used_at timestamptz
);
COMMENT ON COLUMN identity.mail_links.subject_id IS 'What it is for: a registration, a principal, a change of an e-mail.';
CREATE INDEX mail_links_open ON identity.mail_links (tenant_id, purpose, subject_id) WHERE used_at IS NULL;
CREATE INDEX mail_links_expiry ON identity.mail_links (expires_at);
CALL kernel.protect('identity.mail_links', app => 'SELECT, UPDATE (used_at)', engine => 'SELECT, INSERT, UPDATE (used_at), DELETE');

-- Asked before a tenant is known; answers (tenant, subject) and nothing else.
CREATE POLICY lookup ON identity.mail_links FOR SELECT TO rivermouth_lookup USING (true);
GRANT SELECT (tenant_id, subject_id, token_hash) ON identity.mail_links TO rivermouth_lookup;
CREATE FUNCTION identity.subject_by_mail_link(wanted bytea) RETURNS TABLE (tenant_id uuid, subject_id uuid)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
    SELECT l.tenant_id, l.subject_id FROM identity.mail_links l WHERE l.token_hash = wanted
$$;
GRANT CREATE ON SCHEMA identity TO rivermouth_lookup;
ALTER FUNCTION identity.subject_by_mail_link(bytea) OWNER TO rivermouth_lookup;
REVOKE CREATE ON SCHEMA identity FROM rivermouth_lookup;
REVOKE ALL ON FUNCTION identity.subject_by_mail_link(bytea) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION identity.subject_by_mail_link(bytea) TO rivermouth_app, rivermouth_engine;

-- Another e-mail for an account: done once both ends have said yes, or at once where a second member of staff agreed.
CREATE TABLE identity.email_changes (
    tenant_id uuid NOT NULL,
    id uuid PRIMARY KEY,
    principal_id uuid NOT NULL,
    old_email text NOT NULL,
    new_email text NOT NULL CHECK (new_email = lower(new_email) AND length(new_email) BETWEEN 3 AND 254 AND new_email <> old_email),
    asked_at timestamptz NOT NULL,
    old_confirmed_at timestamptz,
    new_confirmed_at timestamptz,
    ended_at timestamptz,
    done boolean NOT NULL DEFAULT false CHECK (NOT done OR ended_at IS NOT NULL),
    FOREIGN KEY (tenant_id, principal_id) REFERENCES identity.principals (tenant_id, id)
);
CREATE UNIQUE INDEX email_changes_one_open ON identity.email_changes (tenant_id, principal_id) WHERE ended_at IS NULL;
CALL kernel.protect('identity.email_changes', app => 'SELECT, INSERT, UPDATE (old_confirmed_at, new_confirmed_at, ended_at, done)',
    engine => 'SELECT, INSERT');

-- What two members of staff agreed about an account is carried out by the engine; who never had a password gets the first one by a link.
GRANT UPDATE (ended_at, end_reason) ON identity.sessions TO rivermouth_engine;
GRANT INSERT, UPDATE ON identity.second_factors TO rivermouth_engine;
GRANT DELETE ON identity.recovery_codes TO rivermouth_engine;
GRANT DELETE ON identity.passkeys TO rivermouth_engine;
-- Who registers in Chinese is written to in Chinese.
GRANT INSERT, UPDATE ON notices.preferences TO rivermouth_engine;
