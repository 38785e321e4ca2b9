"""Candles of a market over all its venues, gap-free, from one second to one week."""
