"""Fixed-term products: instances sold day by day, the plan of what is paid when, and redemption before maturity."""
