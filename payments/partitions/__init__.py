"""Months of the journal: made ahead of time, and taken into an archive when they are old."""
