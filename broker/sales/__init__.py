"""Selling what is not a customer's order: the collateral of a loan, for a liquidation, and what such a sale would cost."""
