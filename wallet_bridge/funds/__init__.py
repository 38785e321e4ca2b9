"""Funds at venues: one row per (venue, asset) that every order reserves on before it is sent."""
