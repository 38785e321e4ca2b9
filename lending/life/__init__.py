"""The days of a loan: interest, instalments, maturity, what happens when nobody pays, and what the house earns of it."""
