-- Controls: kill switches, windows, limits, markouts.
SELECT 1;
