"""What lies on deposit addresses, and how it gets into the hot wallet."""
