"""Coupons: a higher rate for those who bring one, paid out of a marketing budget."""
