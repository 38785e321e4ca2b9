"""The slices of a TWAP: when, and how much should have been traded by then. Pure.

Targets are cumulative, on the market's lot and exact in sum: a slice that found no depth is caught up by the next one without any
book-keeping, and however often a slice is looked at, it never sends more than its target still lacks.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal

from kernel.money import floor_to


@dataclass(frozen=True, slots=True)
class Slice:
    """By `after` from the start, `target` of the order should be filled."""

    number: int
    after: timedelta
    target: Decimal


def schedule(quantity: Decimal, *, duration: timedelta, slices: int, lot: Decimal) -> tuple[Slice, ...]:
    """Even slices, the first at once and the last at the end."""
    gaps = max(slices - 1, 1)
    return tuple(
        Slice(
            number,
            duration * (number - 1) / gaps,
            quantity if number == slices else floor_to(quantity * number / slices, lot),
        )
        for number in range(1, slices + 1)
    )


def smallest(slices: Sequence[Slice]) -> Decimal:
    """The smallest single slice."""
    before = Decimal(0)
    least = slices[-1].target
    for each in slices:
        least = min(least, each.target - before)
        before = each.target
    return least
