DROP TABLE payments.import_rows, payments.imports;
DROP TABLE payments.exports;
DROP FUNCTION payments.post_stage(boolean), payments.stage_check_rules(), payments.stage_serve_in_order(), payments.stage_needs(), payments.stage_dues(),
    payments.stage_known(integer[]), payments.demand_stage(), payments.open_stage();
DO $$ BEGIN EXECUTE format('REVOKE TEMPORARY ON DATABASE %I FROM rivermouth_ledger', current_database()); END $$;
