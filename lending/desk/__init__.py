"""The desk where customers borrow: a quote, the loan, and everything they may do with it."""
