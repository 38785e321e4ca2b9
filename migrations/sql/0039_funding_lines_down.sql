DROP TABLE lending.funding_readings;
ALTER TABLE lending.funding_lines DROP CONSTRAINT funding_lines_source_fits_check;
ALTER TABLE lending.funding_lines DROP CONSTRAINT funding_lines_day_count_check;
