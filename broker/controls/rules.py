"""Which controls forbid what: pure, over the controls of one tenant as they stand at a moment of business time."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from broker.controls.states import Mode, Scope


@dataclass(frozen=True, slots=True, kw_only=True)
class Switch:
    id: UUID
    scope: Scope
    target: str
    mode: Mode
    until: datetime | None
    reason: str

    def live(self, now: datetime) -> bool:
        return self.until is None or now < self.until


@dataclass(frozen=True, slots=True, kw_only=True)
class Window:
    id: UUID
    scope: Scope
    target: str
    starts_at: datetime
    ends_at: datetime
    reason: str

    def live(self, now: datetime) -> bool:
        return self.starts_at <= now < self.ends_at


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """Where an order would act; None where it does not matter or is not known yet."""

    symbol: str | None = None
    venue: str | None = None
    owner: UUID | None = None

    def under(self, scope: Scope, target: str) -> bool:
        match scope:
            case Scope.GLOBAL:
                return True
            case Scope.VENUE:
                return self.venue == target
            case Scope.MARKET:
                return self.symbol == target
            case Scope.CUSTOMER:
                return self.owner is not None and str(self.owner) == target


def switch_on(switches: Iterable[Switch], place: Place, now: datetime, *, opening: bool) -> Switch | None:
    """The switch that forbids something to start here, the strictest first."""
    found = [
        s
        for s in switches
        if s.live(now) and place.under(s.scope, s.target) and (opening or s.mode is not Mode.REDUCE_ONLY)
    ]
    strictness = list(Mode)
    return max(found, key=lambda s: strictness.index(s.mode), default=None)


def window_on(windows: Iterable[Window], place: Place, now: datetime) -> Window | None:
    """The maintenance that goes on here; the one that ends last."""
    found = [w for w in windows if w.live(now) and place.under(w.scope, w.target)]
    return max(found, key=lambda w: w.ends_at, default=None)
