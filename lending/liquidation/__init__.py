"""The sale of collateral: how much, at what price at least, and who gets the proceeds."""
