"""How everything that we own elsewhere stands: what is reported beside the ledger, its level, what leaves it, and its history."""
