-- API keys.
SELECT 1;
