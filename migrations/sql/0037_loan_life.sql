-- Where a loan was extended: the day its running term begins. Only a term that has begun is extended, so each one needs its own period.
ALTER TABLE lending.loans ADD COLUMN term_from date;
