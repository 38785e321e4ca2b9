-- Exports and imports of the ledger.
SELECT 1;
