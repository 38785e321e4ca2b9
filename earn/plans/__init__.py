"""The plan of a subscription: what is paid when, and what a redemption before maturity gives."""
