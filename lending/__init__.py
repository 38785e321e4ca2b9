"""Loans against collateral: products with four lines, the loan and its level, schedules, and the sale when a line is reached."""
