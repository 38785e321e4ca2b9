DROP TABLE identity.approvals;
DROP FUNCTION identity.approval_needs_two();
DROP INDEX identity.principals_of_person;
ALTER TABLE identity.principals DROP CONSTRAINT principals_person, DROP COLUMN person_id;
