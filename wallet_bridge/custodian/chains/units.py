"""Whole units of an asset and the integers that chains count in, exactly: no context of decimals rounds here."""

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction


def from_units(units: int, decimals: int) -> Decimal:
    return Decimal(f"{units}e-{decimals}")


def to_units(amount: Decimal, decimals: int) -> int:
    """Raises: ValueError where the amount has more decimals."""
    units = Fraction(amount) * 10**decimals
    if units.denominator != 1:
        raise ValueError(f"more than {decimals} decimals")
    return int(units)
