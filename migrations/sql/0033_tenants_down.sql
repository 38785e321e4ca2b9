DROP FUNCTION identity.tenant_by_host(text);
DROP FUNCTION identity.origins();
DROP TRIGGER tenant_begins ON identity.tenants;
DROP FUNCTION identity.tenant_begins();
DROP TABLE identity.policy_changes, identity.policies, identity.tenant_hosts, identity.tenant_origins, identity.tenant_settings;
DROP FUNCTION identity.policy_loosens_by_two();
