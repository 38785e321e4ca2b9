REVOKE INSERT, UPDATE ON notices.preferences FROM rivermouth_engine;
REVOKE DELETE ON identity.passkeys FROM rivermouth_engine;
REVOKE DELETE ON identity.recovery_codes FROM rivermouth_engine;
REVOKE INSERT, UPDATE ON identity.second_factors FROM rivermouth_engine;
REVOKE UPDATE (ended_at, end_reason) ON identity.sessions FROM rivermouth_engine;
DROP TABLE identity.email_changes;
DROP FUNCTION identity.subject_by_mail_link(bytea);
DROP TABLE identity.mail_links;
DROP TABLE identity.registrations;
DROP INDEX identity.principals_list;
-- Whoever may not come in now could not before either, under another word.
ALTER TABLE identity.principals NO FORCE ROW LEVEL SECURITY;
UPDATE identity.principals SET status = 'disabled' WHERE status IN ('locked', 'frozen');
ALTER TABLE identity.principals FORCE ROW LEVEL SECURITY;
ALTER TABLE identity.principals DROP CONSTRAINT principals_status_check,
    ADD CONSTRAINT principals_status_check CHECK (status IN ('active', 'disabled'));
