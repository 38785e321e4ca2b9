-- Reconciliation: runs, items and tickets.
SELECT 1;
