"""The last twenty-four hours of a market in one row."""
