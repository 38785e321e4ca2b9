"""What somebody was told, as a list with a mark for what was read."""
