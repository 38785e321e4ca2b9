"""Addresses that large sums may go to: proposed by one person, agreed to by another, active after a delay, removed at once."""
