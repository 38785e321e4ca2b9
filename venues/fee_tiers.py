"""The published fee tiers of venues for spot trading: from what volume in 30 days (in dollars) on a venue charges how much.

Defaults of a first start, by volume alone: venues also count holdings of their own coin, and change their tables. What a venue reports for
our account, and what it takes from each fill, goes before this.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal

VOLUME_DAYS = 30


@dataclass(frozen=True, slots=True)
class VenueTier:
    """Fractions of the traded amount."""

    tier: int
    min_volume: Decimal
    maker: Decimal
    taker: Decimal


def _table(rows: Iterable[tuple[str, str, str]]) -> tuple[VenueTier, ...]:
    """Rows of (volume in dollars, maker, taker), rates in per cent as venues publish them."""
    hundred = Decimal(100)
    return tuple(
        VenueTier(tier, Decimal(volume), Decimal(maker) / hundred, Decimal(taker) / hundred)
        for tier, (volume, maker, taker) in enumerate(rows)
    )


TIERS: dict[str, tuple[VenueTier, ...]] = {
    "binance": _table(
        [
            ("0", "0.1", "0.1"),
            ("1000000", "0.09", "0.1"),
            ("5000000", "0.08", "0.1"),
            ("20000000", "0.04", "0.06"),
            ("100000000", "0.04", "0.052"),
            ("150000000", "0.025", "0.031"),
            ("400000000", "0.02", "0.029"),
            ("800000000", "0.019", "0.028"),
            ("2000000000", "0.016", "0.025"),
            ("4000000000", "0.011", "0.023"),
        ]
    ),
    "bitfinex": _table(
        [
            ("0", "0.1", "0.2"),
            ("500000", "0.08", "0.2"),
            ("1000000", "0.06", "0.2"),
            ("2500000", "0.04", "0.2"),
            ("5000000", "0.02", "0.2"),
            ("7500000", "0", "0.2"),
            ("10000000", "0", "0.18"),
            ("15000000", "0", "0.16"),
            ("20000000", "0", "0.14"),
            ("25000000", "0", "0.12"),
            ("30000000", "0", "0.1"),
        ]
    ),
    "kraken": _table(
        [
            ("0", "0.16", "0.26"),
            ("50000", "0.14", "0.24"),
            ("100000", "0.12", "0.22"),
            ("250000", "0.1", "0.2"),
            ("500000", "0.08", "0.18"),
            ("1000000", "0.06", "0.16"),
            ("2500000", "0.04", "0.14"),
            ("5000000", "0.02", "0.12"),
            ("10000000", "0", "0.1"),
        ]
    ),
    "okx": _table(
        [
            ("0", "0.08", "0.1"),
            ("5000000", "0.045", "0.05"),
            ("10000000", "0.04", "0.045"),
            ("20000000", "0.03", "0.04"),
            ("100000000", "0.02", "0.035"),
            ("200000000", "0", "0.03"),
        ]
    ),
}


def reached(venue: str, volume: Decimal) -> VenueTier | None:
    """The tier that this volume reaches; None for a venue without a table."""
    return max((t for t in TIERS.get(venue, ()) if t.min_volume <= volume), key=lambda t: t.tier, default=None)


def after(venue: str, tier: VenueTier) -> VenueTier | None:
    return min((t for t in TIERS.get(venue, ()) if t.tier > tier.tier), key=lambda t: t.tier, default=None)
