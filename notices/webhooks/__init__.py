"""Facts told to machines: signed requests to addresses that customers name, at least once, and never into the house."""
