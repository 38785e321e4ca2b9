ALTER FUNCTION payments.row_leaves(smallint, xid8, xid8) RESET enable_mergejoin;
ALTER FUNCTION payments.row_leaves(smallint, xid8, xid8) RESET enable_hashjoin;

CREATE OR REPLACE FUNCTION payments.unsealed_entries() RETURNS TABLE (journal_id uuid, line smallint)
LANGUAGE sql STABLE SET search_path = pg_catalog SET enable_seqscan = off SET jit = off AS $$
    SELECT e.journal_id, e.line
      FROM payments.entries e CROSS JOIN payments.fold_state f
     WHERE f.stream = 'ledger' AND (e.epoch, e.xid) < (f.epoch, f.w)
       AND NOT EXISTS (SELECT 1 FROM payments.seals s WHERE s.epoch = e.epoch AND e.xid >= s.xid_from AND e.xid < s.xid_to)
$$;
