"""The port of reconciliation: what can be compared, registered by the packages that know the other side.

A source is a list of parts. A part reads both sides slice by slice, inside the run's transaction and from what is stored: asking the
outside world is the business of the engine's owners. It decides nothing; it says what each side shows and what it knows about it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from typing import Any, Protocol

from kernel.db import Tx
from kernel.money import MAX_SCALE
from payments.assets import service as assets
from payments.errors import AssetUnknown
from payments.reconciliation.errors import SourceUnknown
from payments.reconciliation.states import BreakClass, Level

SLICE = 500


@dataclass(frozen=True, slots=True, kw_only=True)
class Scope:
    """What a run looks at. `name` narrows it down in the source's own words; `day` is a business day in UTC."""

    level: Level
    name: str | None
    day: date | None

    @property
    def window(self) -> tuple[datetime, datetime] | None:
        if self.day is None:
            return None
        start = datetime.combine(self.day, time(), UTC)
        return start, start + timedelta(days=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Observation:
    """One thing that was compared, agreeing or not. Both sides count what we own there; None: that side does not have it at all.

    `account_id` is the ledger account that a correction would move, with its side; without one a difference can only become a ticket.
    `moving`: something on its way may explain a difference. `hint`: what the part knows better than the figures.
    """

    reference: str
    asset: str
    ours: Decimal | None
    theirs: Decimal | None
    theirs_text: str | None = None
    account_id: int | None = None
    debit_normal: bool = True
    moving: bool = False
    whole: bool = False  # a balance, not one of many items
    fee: Decimal = Decimal(0)  # what a fee that we have not booked would explain
    hint: BreakClass | None = None
    raw: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Slice:
    """Some observations, and where the next slice begins; None after the last one."""

    observations: Sequence[Observation]
    next_position: str | None


def scale_of(asset: str) -> int:
    """The other side may report what our books do not know: it is compared as it is written."""
    try:
        return assets.scale(asset)
    except AssetUnknown:
        return MAX_SCALE


class Part(Protocol):
    """One comparison of a source."""

    @property
    def levels(self) -> frozenset[Level]: ...

    def read(self, tx: Tx, scope: Scope, position: str | None, limit: int) -> Slice:
        """The next slice; locks nothing but what it changes.

        Raises:
            ScopeUnknown: the scope's name means nothing here.
        """
        ...


def today(tx: Tx) -> date:
    """The business day, in UTC."""
    return tx.now.astimezone(UTC).date()


_sources: dict[str, tuple[Part, ...]] = {}


def register(name: str, *parts: Part) -> None:
    """Make a source known; the composition root does it once per process, a second time replaces the first."""
    assert parts, "a source compares something"
    _sources[name] = parts


def names() -> list[str]:
    return sorted(_sources)


def parts(name: str, level: Level) -> list[Part]:
    """The parts of a source that look at this level; all of them when none was made for it."""
    if name not in _sources:
        raise SourceUnknown(sources=", ".join(names()))
    return [part for part in _sources[name] if level in part.levels] or list(_sources[name])
