-- A house may stop selling earn; one that is there already goes on with it.
ALTER TABLE identity.tenant_settings DROP CONSTRAINT tenant_settings_products_check,
    ADD CONSTRAINT tenant_settings_products_check CHECK (products <@ ARRAY['payments', 'trading', 'lending', 'earn']),
    ALTER COLUMN products SET DEFAULT '{payments,trading,lending,earn}';
ALTER TABLE identity.tenant_settings NO FORCE ROW LEVEL SECURITY; -- as its owner, of every house
UPDATE identity.tenant_settings SET products = products || 'earn'::text;
ALTER TABLE identity.tenant_settings FORCE ROW LEVEL SECURITY;

-- The highest rate that a house may promise is a part of its policy: lower at once, higher by two people and after the delay.
ALTER TABLE identity.policies ADD COLUMN highest_apr kernel.amount NOT NULL DEFAULT 1 CHECK (highest_apr BETWEEN 0 AND 1);
COMMENT ON COLUMN identity.policies.highest_apr IS 'A yearly fraction; no template that promises more is written or published.';

CREATE OR REPLACE FUNCTION identity.policy_loosens_by_two() RETURNS trigger LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    IF NEW.tenant_id <> OLD.tenant_id OR NEW.version <> OLD.version + 1 THEN
        RAISE EXCEPTION 'each change of a policy is its next version' USING ERRCODE = 'check_violation';
    END IF;
    IF NEW.custody = OLD.custody AND NEW.whitelist_delay_h >= OLD.whitelist_delay_h AND NEW.change_delay_h >= OLD.change_delay_h
       AND NEW.highest_apr <= OLD.highest_apr
       AND NOT EXISTS (SELECT FROM jsonb_each_text(NEW.limits) n
                        WHERE NOT coalesce(n.value::numeric <= (OLD.limits ->> n.key)::numeric, false))
    THEN
        RETURN NEW;
    END IF;
    PERFORM FROM identity.policy_changes c
      WHERE c.tenant_id = NEW.tenant_id AND c.id = NEW.change_id AND c.state = 'scheduled' AND c.base_version = OLD.version
        AND c.effective_at <= kernel.business_now()
        AND c.after = jsonb_build_object('custody', NEW.custody, 'whitelist_delay_h', NEW.whitelist_delay_h,
                                         'change_delay_h', NEW.change_delay_h, 'limits', NEW.limits,
                                         'highest_apr', trim_scale(NEW.highest_apr)::text);
    IF NOT FOUND THEN
        RAISE EXCEPTION 'a policy loosens by two people and after its delay' USING ERRCODE = 'check_violation';
    END IF;
    RETURN NEW;
END $$;

-- What was asked for of a policy without that line is asked for again: two people would have agreed to something else than counts.
ALTER TABLE identity.policy_changes NO FORCE ROW LEVEL SECURITY;
UPDATE identity.policy_changes SET state = 'ended', ended_at = kernel.business_now(), reason = 'overtaken'
 WHERE state IN ('waiting', 'scheduled');
ALTER TABLE identity.policy_changes FORCE ROW LEVEL SECURITY;
