"""Payments out: taken once by their reference, signed and stored, and only then sent."""
