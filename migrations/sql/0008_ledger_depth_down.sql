DROP SCHEMA archive CASCADE;
DROP FUNCTION payments.horizon_holder, payments.own_sums, payments.detach_month, payments.archive_month, payments.close_days,
    payments.write_days, payments.posted_at, payments.is_archived, payments.place_of, payments.is_final, payments.write_limit, payments.open_epoch, payments.rebuild,
    payments.projection_of, payments.over_all_tenants;
DROP POLICY fold ON payments.accounts;
DROP POLICY fold ON payments.holds;
DROP TABLE payments.archived_holds, payments.archived_balances, payments.archives, payments.days, payments.balance_daily;
REVOKE MAINTAIN ON payments.entries FROM rivermouth_ledger;
REVOKE UPDATE (xid) ON kernel.outbox FROM rivermouth_engine;
CREATE OR REPLACE FUNCTION kernel.clock_only_grows() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NEW."offset" < OLD."offset" THEN RAISE EXCEPTION 'the business clock only grows'; END IF;
    RETURN NEW;
END $$;
ALTER TABLE kernel.clock DROP COLUMN changed_at;
