-- Stops, algos, firm quotes: what order types need.
SELECT 1;
