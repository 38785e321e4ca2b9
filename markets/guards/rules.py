"""The arithmetic of guards: pure decimals.

Volatility is the realised one of the last minute: the root of the summed squares of the composite's one-second returns, so 0.001 is a
market that moves ten basis points a minute. Only what exceeds `calm` widens a spread.
"""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal

from kernel.money import half_even_to

GRAIN = Decimal("0.000001")  # a hundredth of a basis point: a markup is stored with the order and should stay readable
ZERO = Decimal(0)


@dataclass(frozen=True, slots=True, kw_only=True)
class Guards:
    """Fractions of the price. `widening` 0 leaves the spread alone; `widest` is the most that is ever added."""

    band: Decimal = Decimal("0.02")
    wide_band: Decimal = Decimal("0.04")
    max_quote_age_ms: int | None = None
    calm: Decimal = Decimal("0.002")
    widening: Decimal = ZERO
    widest: Decimal = Decimal("0.005")


DEFAULT = Guards()


def are_sound(guards: Guards) -> bool:
    return (
        0 < guards.band <= guards.wide_band < 1
        and (guards.max_quote_age_ms is None or guards.max_quote_age_ms > 0)
        and guards.calm >= 0
        and guards.widening >= 0
        and 0 <= guards.widest < 1
    )


def extra_spread(guards: Guards, volatility: Decimal | None) -> Decimal:
    """What the market's volatility adds to its markup."""
    if volatility is None or volatility <= guards.calm:
        return ZERO
    return min(half_even_to((volatility - guards.calm) * guards.widening, GRAIN), guards.widest)
