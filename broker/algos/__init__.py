"""Orders that are sent in parts: the slices of a TWAP by the clock. An iceberg's parts go out by its limit, from the limit book."""
