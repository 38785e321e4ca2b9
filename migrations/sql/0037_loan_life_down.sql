ALTER TABLE lending.loans DROP COLUMN term_from;
