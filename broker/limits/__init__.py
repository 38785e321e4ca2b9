"""Notional limits: how much a customer may trade, and how much may be on its way at a venue."""
