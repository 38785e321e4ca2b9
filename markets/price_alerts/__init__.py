"""Price alerts: one event for each crossing of a price that a customer named."""
