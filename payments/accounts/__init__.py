"""Who owns what kind of balance. Accounts never change on the hot path and are never deleted."""
