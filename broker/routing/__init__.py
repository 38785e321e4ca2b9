"""Routing: where an order could be hedged, and why there."""
