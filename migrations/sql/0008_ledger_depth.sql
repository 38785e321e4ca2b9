-- Epochs, partitions, days and seals of the ledger.
SELECT 1;
