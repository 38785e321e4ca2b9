"""Progress towards a venue's next tier: what our volume reaches, what is missing, what the next tier would have saved."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal

from broker.revenue.rules import ZERO, worth
from venues import fee_tiers
from venues.fee_tiers import VenueTier
from venues.fees import taker_fee


@dataclass(frozen=True, slots=True, kw_only=True)
class Progress:
    """`paid` and `volume` are of the last 30 days; our hedges take, so the taker's rate is what the next tier would save on."""

    venue: str
    volume: Decimal
    paid: Decimal
    planned_with: Decimal
    tier: VenueTier | None
    next_tier: VenueTier | None
    reported_taker: Decimal | None

    @property
    def missing(self) -> Decimal | None:
        return None if self.next_tier is None else self.next_tier.min_volume - self.volume

    @property
    def share(self) -> Decimal | None:
        """How much of the next tier's volume is reached, as a fraction."""
        if self.next_tier is None:
            return None
        return (self.volume / self.next_tier.min_volume).quantize(Decimal("0.000001"))

    @property
    def would_have_saved(self) -> Decimal | None:
        if self.next_tier is None or self.tier is None:
            return None
        return worth(self.volume, max(self.tier.taker - self.next_tier.taker, ZERO))

    @property
    def charged_rate(self) -> Decimal | None:
        """What was really charged, as a fraction of the volume."""
        return (self.paid / self.volume).quantize(Decimal("1e-8")) if self.volume > 0 else None

    @property
    def as_published(self) -> bool | None:
        """Whether the venue charges what its table says for our volume; None while it has reported nothing."""
        if self.tier is None or self.reported_taker is None:
            return None
        return self.reported_taker == self.tier.taker


def progress(venue: str, *, volume: Decimal, paid: Decimal, reported_taker: Decimal | None) -> Progress:
    tier = fee_tiers.reached(venue, volume)
    return Progress(
        venue=venue, volume=volume, paid=paid, planned_with=taker_fee(venue) if reported_taker is None else reported_taker,
        tier=tier, next_tier=None if tier is None else fee_tiers.after(venue, tier), reported_taker=reported_taker,
    )  # fmt: skip
