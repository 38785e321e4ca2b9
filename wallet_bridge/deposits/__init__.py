"""What arrives from outside: each output has one row, and the books have it once."""
