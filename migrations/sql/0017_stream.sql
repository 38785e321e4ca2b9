-- What live streams keep.
SELECT 1;
