"""Warning and critical lines of what lies at a place: in amounts, or in hours of what leaves it."""
