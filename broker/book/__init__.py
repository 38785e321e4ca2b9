"""The internal limit book: an index in memory of the orders that rest, and the rule that wakes them."""
