"""What a customer pays us for a trade, as a fraction of its cost in quote: tiers by volume, and two rates per order.

An order agrees to its rates when it is accepted. What it fills before it first rests in our book pays the taker's rate, what it fills
afterwards the maker's. The fee of the whole order is rounded up once, not per fill.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from itertools import pairwise
from typing import Protocol

from kernel.money import ceil_to_scale

VOLUME_DAYS = 30
DEAREST = Decimal("0.05")  # a rate above five per cent is a mistake of whoever typed it
ZERO = Decimal(0)


class FeeTerms(Protocol):
    """The part of an order that its fee depends on."""

    @property
    def fee_rate(self) -> Decimal: ...

    @property
    def maker_rate(self) -> Decimal | None: ...

    @property
    def taker_cost(self) -> Decimal | None: ...


@dataclass(frozen=True, slots=True)
class Rates:
    """Fractions of the traded cost; the maker's never exceeds the taker's, so a hold for the taker's suffices."""

    maker: Decimal
    taker: Decimal


@dataclass(frozen=True, slots=True)
class Tier:
    """From `min_volume` in the last 30 days on, in the reporting currency."""

    tier: int
    min_volume: Decimal
    rates: Rates


def _tier(tier: int, min_volume: str, maker: str, taker: str) -> Tier:
    return Tier(tier, Decimal(min_volume), Rates(Decimal(maker), Decimal(taker)))


DEFAULT_TIERS: tuple[Tier, ...] = (
    _tier(0, "0", "0.0010", "0.0010"),
    _tier(1, "100000", "0.0008", "0.0010"),
    _tier(2, "500000", "0.0006", "0.0009"),
    _tier(3, "2500000", "0.0005", "0.0008"),
    _tier(4, "10000000", "0.0004", "0.0007"),
    _tier(5, "50000000", "0.0002", "0.0006"),
)
"""In force where a tenant has published no table of its own."""


def customer_fee_rate() -> Decimal:
    """The taker's rate of somebody who has not traded yet."""
    return DEFAULT_TIERS[0].rates.taker


def tier_of(tiers: Sequence[Tier], volume: Decimal) -> Tier:
    """The highest tier that this volume reaches."""
    return max((tier for tier in tiers if tier.min_volume <= volume), key=lambda tier: tier.tier)


def tier_after(tiers: Sequence[Tier], tier: Tier) -> Tier | None:
    return min((t for t in tiers if t.tier > tier.tier), key=lambda t: t.tier, default=None)


def faults(tiers: Sequence[Tier]) -> str | None:
    """Why these tiers make no table, None when they do: the first from zero, volumes rise, rates never do."""
    if not tiers or tiers[0].min_volume != 0:
        return "the first tier begins at a volume of 0"
    for tier in tiers:
        if not ZERO <= tier.rates.maker <= tier.rates.taker <= DEAREST:
            return f"tier {tier.tier}: 0 <= maker <= taker <= {DEAREST}"
    for lower, higher in pairwise(tiers):
        if higher.min_volume <= lower.min_volume:
            return f"tier {higher.tier}: the volume must be higher than that of the tier before"
        if higher.rates.maker > lower.rates.maker or higher.rates.taker > lower.rates.taker:
            return f"tier {higher.tier}: more volume must not cost more"
    return None


def rate_for(order: FeeTerms) -> Decimal:
    """The rate of the order's next fill: the maker's once it has rested in our book."""
    if order.taker_cost is None or order.maker_rate is None:
        return order.fee_rate
    return order.maker_rate


def extra_for(order: FeeTerms) -> Decimal:
    """What the part filled as a taker costs more than `rate_for` on it; goes beside that rate into `next_fee`."""
    if order.taker_cost is None or order.maker_rate is None:
        return ZERO
    return (order.fee_rate - order.maker_rate) * order.taker_cost


def is_maker(*, taker_cost: Decimal | None, cost_before: Decimal) -> bool:
    """Whether a fill was a maker's: its order had rested in our book when it came. `cost_before` is that of the order's fills before it."""
    return taker_cost is not None and cost_before >= taker_cost


def next_fee(
    *, rate: Decimal, cost_so_far: Decimal, cost: Decimal, fee_so_far: Decimal, scale: int, extra: Decimal = ZERO
) -> Decimal:
    """The fee of one more fill, so that the order's whole fee is its rates on its whole cost, rounded up once and not per fill."""
    return ceil_to_scale(rate * (cost_so_far + cost) + extra, scale) - fee_so_far
