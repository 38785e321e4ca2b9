"""Price alerts of customers, and the watch that the owner of a market keeps over them.

What fires is decided by the row: it must still be armed, and the event commits with the change, so that no crossing is told twice,
whoever owns the market. What a price passed while nobody owned the market is told as soon as somebody does.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal
from uuid import UUID

from identity.audit import service as audit
from kernel import clock, commands, db, log, outbox
from kernel.commands import Outcome
from kernel.db import Tx
from kernel.errors import NotFound
from kernel.ids import uuid7
from markets.instruments import service as instruments
from markets.price_alerts import queries
from markets.price_alerts.board import Board
from markets.price_alerts.errors import TooManyAlerts
from markets.price_alerts.events import PriceAlertFired
from markets.price_alerts.queries import Alert
from markets.price_alerts.states import AlertStatus, Direction

__all__ = ["Alert", "Watch", "Wish", "cancel", "forget_old", "list_alerts", "make", "read"]

MOST_LIVE = 100
KEPT = timedelta(days=90)
_DELETE_AT_ONCE = 1_000
_log = log.get("markets")


@dataclass(frozen=True, slots=True, kw_only=True)
class Wish:
    """What a customer asks for."""

    symbol: str
    direction: Direction
    price: Decimal
    hysteresis: Decimal
    cooldown_s: int
    repeat: bool
    note: str | None


def make(*, tenant: UUID, owner: UUID, wish: Wish, key: str | None, fingerprint: bytes) -> Outcome:
    """A new alert. One whose price is passed already waits until the price has come back.

    Raises:
        UnknownSymbol: there is no such market.
        TooManyAlerts: the customer has enough live ones.
    """
    instruments.get(wish.symbol)

    def fn(tx: Tx) -> tuple[str, UUID]:
        queries.lock_owner(tx, owner=owner)
        if queries.count_live(tx, owner=owner) >= MOST_LIVE:
            raise TooManyAlerts(most=MOST_LIVE)
        alert = Alert(
            id=uuid7(),
            tenant_id=tenant,
            owner_id=owner,
            symbol=wish.symbol,
            direction=wish.direction,
            price=wish.price,
            hysteresis=wish.hysteresis,
            cooldown_s=wish.cooldown_s,
            repeat=wish.repeat,
            note=wish.note,
            status=AlertStatus.NEW,
            fired=0,
            last_fired_at=None,
            last_fired_price=None,
            created_at=tx.now,
        )
        queries.insert(tx, alert)
        return "price_alert", alert.id

    return commands.run(tenant=tenant, principal=owner, route="price_alerts", key=key, fingerprint=fingerprint, fn=fn)


def read(*, tenant: UUID, owner: UUID, alert_id: UUID) -> Alert:
    """One alert of this customer.

    Raises:
        NotFound: there is none, or it is not theirs.
    """
    with db.read_only(tenant=tenant) as tx:
        alert = queries.find(tx, owner=owner, alert_id=alert_id)
    if alert is None:
        raise NotFound
    return alert


def list_alerts(*, tenant: UUID, owner: UUID, symbol: str | None, before: UUID | None, limit: int) -> list[Alert]:
    """The customer's alerts, the latest first, without cancelled ones."""
    with db.read_only(tenant=tenant) as tx:
        return queries.page(tx, owner=owner, symbol=symbol, before=before, limit=limit)


def cancel(*, tenant: UUID, owner: UUID, alert_id: UUID) -> None:
    """It fires no more.

    Raises:
        NotFound: there is none, it is not theirs, or it was cancelled before.
    """
    with db.transaction(tenant=tenant) as tx:
        if not queries.cancel(tx, owner=owner, alert_id=alert_id):
            raise NotFound
        audit.record(tx, "price_alert.cancelled", kind="price_alert", resource=alert_id, actor=owner)


class Watch:
    """The alerts of one market for as long as this process owns it; its methods use the database and belong into a thread."""

    def __init__(self, symbol: str) -> None:
        self.symbol = symbol
        self.board = Board()
        self._since = 0

    def rebuild(self) -> None:
        with db.transaction() as tx:
            self._since, alerts = queries.live(tx, symbol=self.symbol)
        self.board.clear()
        self.board.take_in(alerts)

    def follow(self) -> None:
        """Take in what changed since the last look."""
        with db.transaction() as tx:
            horizon, alerts = queries.changed(tx, symbol=self.symbol, since=self._since)
        self.board.take_in(alerts)
        self._since = horizon

    def look(self, composite: Decimal) -> int:
        """Carry out what this price asks for; returns how many alerts fired."""
        now_mono = clock.monotonic()
        moves = self.board.look(composite, now_mono)
        if not moves:
            return 0
        fired = 0
        for tenant, alerts in _by_tenant(moves.fire).items():
            fired += self._fire(tenant, alerts, composite)
        for tenant, alerts in _by_tenant([*moves.arm, *moves.hold_back]).items():
            held_back = {alert.id for alert in moves.hold_back}
            self._move(tenant, alerts, held_back, now_mono)
        return fired

    def _fire(self, tenant: UUID, alerts: Sequence[Alert], composite: Decimal) -> int:
        with db.transaction(tenant=tenant) as tx:
            fired = queries.fire(tx, [alert.id for alert in alerts], composite=composite)
            for alert in fired:
                fact = PriceAlertFired(
                    alert_id=alert.id,
                    owner_id=alert.owner_id,
                    symbol=alert.symbol,
                    direction=alert.direction.value,
                    price=alert.price,
                    composite=composite,
                    count=alert.fired,
                    fired_at=tx.now,
                )
                outbox.publish(tx, fact, key=str(alert.id))
            now = queries.by_id(tx, [alert.id for alert in alerts])
        self.board.take_in(now)
        if fired:
            _log.info("price_alerts_fired", symbol=self.symbol, alerts=len(fired), composite=str(composite))
        return len(fired)

    def _move(self, tenant: UUID, alerts: Sequence[Alert], held_back: set[UUID], now_mono: float) -> None:
        with db.transaction(tenant=tenant) as tx:
            queries.hold_back(tx, [alert.id for alert in alerts if alert.id in held_back])
            wanted = [alert for alert in alerts if alert.id not in held_back]
            armed = set(queries.arm(tx, [alert.id for alert in wanted]))
            now = queries.by_id(tx, [alert.id for alert in alerts])
        self.board.take_in(now)
        self.board.not_yet([alert for alert in now if alert.id not in armed | held_back], now_mono)


def _by_tenant(alerts: Iterable[Alert]) -> dict[UUID, list[Alert]]:
    sorted_by: defaultdict[UUID, list[Alert]] = defaultdict(list)
    for alert in alerts:
        sorted_by[alert.tenant_id].append(alert)
    return sorted_by


def forget_old() -> int:
    """Delete what was done or cancelled long ago; returns how many rows went. Only the engine may."""
    gone = 0
    while True:
        with db.transaction() as tx:
            deleted = queries.delete_old(tx, before=tx.now - KEPT, limit=_DELETE_AT_ONCE)
        gone += deleted
        if deleted < _DELETE_AT_ONCE:
            return gone
