DROP FUNCTION identity.audit_write(uuid[], jsonb[]);
DROP FUNCTION identity.audit_leaf(identity.audit_entries);
DROP TABLE identity.audit_state, identity.audit_checkpoints, identity.audit_links, identity.audit_entries;
DROP FUNCTION identity.refuse_change();
