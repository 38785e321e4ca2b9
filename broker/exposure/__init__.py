"""Exposure: where the house stands in each asset, what that earned and is worth, and when it bore a price it should not."""
