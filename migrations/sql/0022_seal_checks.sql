-- The check of the seals costs what its rows cost, however long the chain is. A merge join would read every older journal for each seal, and
-- looking for a seal around each entry would read every older seal for each entry: with thousands of seals both took minutes.
ALTER FUNCTION payments.row_leaves(smallint, xid8, xid8) SET enable_mergejoin = off;
ALTER FUNCTION payments.row_leaves(smallint, xid8, xid8) SET enable_hashjoin = off;

-- Seals of an epoch do not overlap, so only the last one that begins at or before an entry can cover it.
CREATE OR REPLACE FUNCTION payments.unsealed_entries() RETURNS TABLE (journal_id uuid, line smallint)
LANGUAGE sql STABLE SET search_path = pg_catalog SET enable_seqscan = off SET jit = off AS $$
    SELECT e.journal_id, e.line
      FROM payments.entries e CROSS JOIN payments.fold_state f
     WHERE f.stream = 'ledger' AND (e.epoch, e.xid) < (f.epoch, f.w)
       AND (e.xid < (SELECT s.xid_to FROM payments.seals s WHERE s.epoch = e.epoch AND s.xid_from <= e.xid
                      ORDER BY s.xid_from DESC LIMIT 1)) IS NOT TRUE
$$;
