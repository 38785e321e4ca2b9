"""Instruments: what can be traded, on which grid, and by which rules orders trigger and fill."""
