REVOKE SELECT (import_id, tenant_id, status) ON payments.import_rows FROM rivermouth_engine;
REVOKE UPDATE (state, position, claimed_by, claimed_until, decided_by, decided_at, finished_at) ON payments.imports FROM rivermouth_engine;
DROP TABLE identity.approvals;
DROP FUNCTION identity.approval_needs_two();
DROP INDEX identity.principals_of_person;
ALTER TABLE identity.principals DROP CONSTRAINT principals_person, DROP COLUMN person_id;
