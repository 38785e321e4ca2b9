"""What venues charge the house, and how far our volume is from the next tier of each."""
