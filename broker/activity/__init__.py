"""Activity: what customers are told about their own orders and fills, event by event."""
