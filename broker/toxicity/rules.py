"""Markouts and what they say about a customer: pure decimals.

A markout is what the customer would have gained on the composite some seconds after the fill, as a fraction of the price paid. Losing
to chance must not look like skill: the score is the lower end of the mean (one and a half standard errors below it), weighed by value.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal

from broker.toxicity.states import ToxicityClass
from kernel.money import half_even_to

HORIZONS_S = (1, 10, 60)
SCORED_FILLS = 200  # the latest of each horizon
ENOUGH_FILLS = 20
CAREFUL = Decimal("1.5")
WIDE_FROM = Decimal("0.0005")  # five basis points for sure, at the horizon that looks worst
SLOW_FROM = Decimal("0.0015")
GRAIN = Decimal("0.00000001")
EXTRA: Mapping[ToxicityClass, Decimal] = {
    ToxicityClass.NORMAL: Decimal(0),
    ToxicityClass.WIDE: Decimal("0.0005"),
    ToxicityClass.SLOW: Decimal("0.001"),
}
DELAY_S: Mapping[ToxicityClass, float] = {ToxicityClass.NORMAL: 0.0, ToxicityClass.WIDE: 0.0, ToxicityClass.SLOW: 0.25}


@dataclass(frozen=True, slots=True)
class Score:
    """Of one horizon: the mean markout, and its careful lower end."""

    fills: int
    mean: Decimal
    low: Decimal


def markout(*, side: str, price: Decimal, reference: Decimal) -> Decimal:
    """What the customer gained by now, as a fraction of the price."""
    gained = reference - price if side == "buy" else price - reference
    return half_even_to(gained / price, GRAIN)


def score(markouts: Sequence[tuple[Decimal, Decimal]]) -> Score:
    """Of (markout, value of the fill) pairs, the mean weighed by value."""
    total = sum((value for _, value in markouts), Decimal(0))
    if len(markouts) < 2 or total == 0:
        return Score(len(markouts), Decimal(0), Decimal(0))
    mean = sum((m * value for m, value in markouts), Decimal(0)) / total
    spread = sum((value * (m - mean) ** 2 for m, value in markouts), Decimal(0)) / total
    weight = sum((value**2 for _, value in markouts), Decimal(0)) / total**2  # 1/n where all are worth the same
    low = mean - CAREFUL * (spread * weight).sqrt()
    return Score(len(markouts), half_even_to(mean, GRAIN), half_even_to(low, GRAIN))


def classify(scores: Mapping[int, Score]) -> ToxicityClass:
    """By the horizon that looks worst among those with enough fills."""
    worst = max((s.low for s in scores.values() if s.fills >= ENOUGH_FILLS), default=Decimal(0))
    if worst >= SLOW_FROM:
        return ToxicityClass.SLOW
    return ToxicityClass.WIDE if worst >= WIDE_FROM else ToxicityClass.NORMAL
