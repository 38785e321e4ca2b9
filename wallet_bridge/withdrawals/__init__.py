"""Money that leaves: asked for, judged, reserved, paid by the custodian or within the house, and told on the way."""
