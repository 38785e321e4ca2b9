"""Toxicity: whether a customer's fills come just before the price moves, and what follows from that."""
