"""When a loan is repaid and how much of each payment is interest."""
