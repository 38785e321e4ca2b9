"""A loan as it stands: debt, collateral, level, and what may be drawn, withdrawn or must be paid."""
