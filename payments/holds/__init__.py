"""Money put aside for one purpose: open, then captured (in parts), voided or expired."""
