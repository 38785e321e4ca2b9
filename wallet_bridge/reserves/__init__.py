"""Proof of reserves: what all customers are owed at a moment, in a tree whose root is public and in which each finds the own amount."""
