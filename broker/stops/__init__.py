"""Stops: orders that wait for a price to be reached. Their own book, apart from the limits."""
