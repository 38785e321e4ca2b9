"""A venue's order book as the feed hands it over: exact decimals, an age by the monotonic clock, and whether it may be trusted."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime
from decimal import Decimal
from enum import StrEnum

Level = tuple[Decimal, Decimal]
DEPTH = 50


class BookState(StrEnum):
    """SYNCED: may be used. STALE: a gap, a crossed book or a broken connection; the levels are old. DOWN: nothing for a while."""

    SYNCED = "SYNCED"
    STALE = "STALE"
    DOWN = "DOWN"


@dataclass(frozen=True, slots=True, kw_only=True)
class VenueBook:
    """Best levels first; `sequence` rises by one with every book of this feed and symbol; `received_mono` dates the levels."""

    venue: str
    symbol: str
    bids: tuple[Level, ...]
    asks: tuple[Level, ...]
    last: Decimal | None
    volume_24h: Decimal | None
    sequence: int
    received_mono: float
    received_at: datetime
    state: BookState
    polled: bool = False

    @property
    def bid(self) -> Decimal | None:
        return self.bids[0][0] if self.bids else None

    @property
    def ask(self) -> Decimal | None:
        return self.asks[0][0] if self.asks else None

    @property
    def crossed(self) -> bool:
        return bool(self.bids and self.asks) and self.bids[0][0] >= self.asks[0][0]

    def marked(self, state: BookState, sequence: int) -> VenueBook:
        """The same levels and age under another state."""
        return replace(self, state=state, sequence=sequence)

    def renewed(self, last: Decimal | None, volume_24h: Decimal | None, mono: float, at: datetime) -> VenueBook:
        """The same levels, seen alive at this moment."""
        return replace(
            self, last=last, volume_24h=volume_24h, sequence=self.sequence + 1, received_mono=mono, received_at=at
        )

    def with_ticker(self, last: Decimal | None, volume_24h: Decimal | None) -> VenueBook:
        """The same levels and age with another last price."""
        return replace(self, last=last, volume_24h=volume_24h, sequence=self.sequence + 1)
