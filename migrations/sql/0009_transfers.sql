-- Transfers and their second person.
SELECT 1;
