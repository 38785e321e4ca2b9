"""The controls as one process knows them: read from the rows, at most half a second old, and read again at once when told of a change.

In the engine a watcher keeps them fresh for all tenants, so that owners ask without waiting for the database; elsewhere whoever asks
reads them when they are old. Times of switches and windows are business time, which goes on by itself between two readings.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from broker.controls import queries
from broker.controls.rules import Switch, Window
from broker.controls.states import Mode, Scope
from broker.limits import worth
from broker.toxicity import service as toxicity
from broker.toxicity.states import ToxicityClass
from kernel import clock, db
from kernel.db import AnyRow, Tx

CHANNEL = "rm:controls"
FRESH_FOR_S = 0.5


@dataclass(frozen=True, slots=True)
class Known:
    """One tenant's controls. Business time is what it was at the reading, plus what has passed since on the same clock."""

    switches: tuple[Switch, ...]
    windows: tuple[Window, ...]
    classes: Mapping[UUID, ToxicityClass]
    full: frozenset[str]  # venues where as much is outstanding as may be
    read_at: float
    business: datetime
    mark: float

    @property
    def now(self) -> datetime:
        return self.business + timedelta(seconds=clock.business_monotonic() - self.mark)


@dataclass(slots=True)
class _Watch:
    """Whether a watcher keeps this process informed, and which resting orders belong to customers who may not trade."""

    on: bool = False
    stopped_orders: frozenset[UUID] = frozenset()
    asked_for: float = float("-inf")


_known: dict[UUID, Known] = {}
_watch = _Watch()


def of(tenant: UUID) -> Known:
    """What is known now; reads the rows where nobody else keeps them fresh."""
    known = _known.get(tenant)
    if known is None and _watch.on:
        return _nothing()  # the watcher has read every tenant: this one has no controls
    if known is None or (not _watch.on and clock.monotonic() - known.read_at > FRESH_FOR_S):
        known = _read(tenant)
    return known


def stopped_orders() -> frozenset[UUID]:
    """Resting orders that must not trigger because of who owns them; known to the engine's watcher only."""
    return _watch.stopped_orders


def watch() -> None:
    """Read the controls of all tenants, as the engine; from the first time on nobody reads them beside it."""
    read_at, mark = clock.monotonic(), clock.business_monotonic()
    with db.read_only() as tx:
        found = _by_tenant(tx, read_at=read_at, mark=mark)
        switches = [s for known in found.values() for s in known.switches if s.scope is Scope.CUSTOMER]
        selling = [UUID(s.target) for s in switches if s.mode is Mode.REDUCE_ONLY]
        owners = [UUID(s.target) for s in switches if s.mode is not Mode.REDUCE_ONLY]
        stopped = frozenset(queries.resting_of(tx, owners, buyers=selling)) if switches else frozenset()
    _known.clear()
    _known.update(found)
    _watch.on, _watch.stopped_orders = True, stopped


def forget() -> None:
    """Read again at the next question: somebody changed a control, or a test changed the database."""
    _known.clear()
    _watch.on, _watch.stopped_orders = False, frozenset()


def _read(tenant: UUID) -> Known:
    read_at, mark = clock.monotonic(), clock.business_monotonic()
    tx = db.current()
    if tx is not None and tx.tenant == tenant:
        return _make(tx, tenant, read_at=read_at, mark=mark)
    with db.read_only(tenant=tenant) as own:
        known = _make(own, tenant, read_at=read_at, mark=mark)
    _known[tenant] = known
    return known


def _make(tx: Tx, tenant: UUID, *, read_at: float, mark: float) -> Known:
    return _by_tenant(tx, read_at=read_at, mark=mark).get(tenant) or Known(
        (), (), {}, frozenset(), read_at, tx.now, mark
    )


def _by_tenant(tx: Tx, *, read_at: float, mark: float) -> dict[UUID, Known]:
    switches: defaultdict[UUID, list[Switch]] = defaultdict(list)
    windows: defaultdict[UUID, list[Window]] = defaultdict(list)
    for row in queries.live_switches(tx):
        switches[row.tenant_id].append(to_switch(row))
    for row in queries.open_windows(tx):
        windows[row.tenant_id].append(to_window(row))
    classes, full = toxicity.classes(tx), worth.full_venues(tx)
    return {
        tenant: Known(
            tuple(switches[tenant]), tuple(windows[tenant]), classes.get(tenant, {}), full.get(tenant, frozenset()), read_at,
            tx.now, mark,
        )
        for tenant in {*switches, *windows, *classes, *full}
    }  # fmt: skip


def _nothing() -> Known:
    return Known((), (), {}, frozenset(), clock.monotonic(), clock.wall(), clock.business_monotonic())


def to_switch(row: AnyRow) -> Switch:
    return Switch(
        id=row.id, scope=Scope(row.scope), target=row.target, mode=Mode(row.mode), until=row.until, reason=row.reason
    )


def to_window(row: AnyRow) -> Window:
    return Window(
        id=row.id, scope=Scope(row.scope), target=row.target, starts_at=row.starts_at, ends_at=row.ends_at, reason=row.reason
    )  # fmt: skip


def tenants() -> set[UUID]:
    """Those that have any control, as far as this process knows."""
    return set(_known)
