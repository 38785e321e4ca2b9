-- Stored routing plans.
SELECT 1;
