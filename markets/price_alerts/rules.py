"""When an alert fires and when it may fire again. Edge-triggered: it is the crossing that counts, not the side."""

from __future__ import annotations

from decimal import Decimal

from markets.price_alerts.states import Direction


def beyond(direction: Direction, price: Decimal, composite: Decimal) -> bool:
    """The composite is where the alert fires."""
    return composite >= price if direction is Direction.ABOVE else composite <= price


def returned(direction: Direction, level: Decimal, composite: Decimal, *, price: Decimal) -> bool:
    """The composite came back far enough for the next crossing to count."""
    if direction is Direction.ABOVE:
        return composite <= level and composite < price
    return composite >= level and composite > price


def return_level(direction: Direction, price: Decimal, hysteresis: Decimal) -> Decimal:
    return price * (1 - hysteresis) if direction is Direction.ABOVE else price * (1 + hysteresis)
