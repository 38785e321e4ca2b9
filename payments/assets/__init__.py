"""What can be owned: a code and its immutable scale, the number of decimals the ledger accepts."""
