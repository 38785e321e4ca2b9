-- Fee tiers, volumes, exposure reports.
SELECT 1;
