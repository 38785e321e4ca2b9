"""The loan book as a whole: how near it is to its lines, what it earns, and what a fall of prices would do to it."""
