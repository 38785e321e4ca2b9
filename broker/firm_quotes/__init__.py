"""Firm quotes: a price that stands for a moment, hedged before it is confirmed."""
