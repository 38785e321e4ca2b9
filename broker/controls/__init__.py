"""Kill switches and maintenance windows: what may not start now, for whom and where."""
