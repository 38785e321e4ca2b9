"""The live alerts of one market in the memory of its owner, sorted by price: a look at a new price costs what it moves and no more.

It proposes; the rows decide. An alert leaves its place here only when the database says so, or when its row is read again.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from decimal import Decimal
from uuid import UUID

from sortedcontainers import SortedList

from markets.price_alerts.queries import Alert
from markets.price_alerts.rules import beyond, return_level, returned
from markets.price_alerts.states import AlertStatus, Direction

ASK_AGAIN_S = 1.0
AT_ONCE = 500


@dataclass(slots=True)
class Moves:
    """What a price asks for; `arm` and `hold_back` bring no event."""

    fire: list[Alert] = field(default_factory=list)
    arm: list[Alert] = field(default_factory=list)
    hold_back: list[Alert] = field(default_factory=list)

    def __bool__(self) -> bool:
        return bool(self.fire or self.arm or self.hold_back)


class Board:
    """Armed and waiting alerts by the price that moves them, and new ones that nobody has looked at yet."""

    def __init__(self) -> None:
        self._alerts: dict[UUID, Alert] = {}
        self._sorted: dict[tuple[AlertStatus, Direction], SortedList] = {
            (status, direction): SortedList()
            for status in (AlertStatus.ARMED, AlertStatus.WAITING)
            for direction in Direction
        }
        self._new: dict[UUID, Alert] = {}
        self._not_before: dict[UUID, float] = {}

    def __len__(self) -> int:
        return len(self._alerts)

    def clear(self) -> None:
        for alert_id in list(self._alerts):
            self._remove(alert_id)

    def take_in(self, alerts: Iterable[Alert]) -> None:
        """Rows as they are now: live ones get their place, others leave."""
        for alert in alerts:
            self._remove(alert.id)
            if alert.status is AlertStatus.NEW:
                self._new[alert.id] = self._alerts[alert.id] = alert
            elif alert.status in {AlertStatus.ARMED, AlertStatus.WAITING}:
                self._sorted[alert.status, alert.direction].add((_key(alert), alert.id))
                self._alerts[alert.id] = alert

    def not_yet(self, alerts: Iterable[Alert], now_mono: float) -> None:
        """These could not be armed, for they are cooling down: ask again a little later."""
        for alert in alerts:
            self._not_before[alert.id] = now_mono + ASK_AGAIN_S

    def look(self, composite: Decimal, now_mono: float) -> Moves:
        """What this price asks for, at most some hundreds at once."""
        moves = Moves()
        for alert in self._new.values():
            (moves.hold_back if beyond(alert.direction, alert.price, composite) else moves.arm).append(alert)
        for direction in Direction:
            moves.fire += self._reached(AlertStatus.ARMED, direction, composite)
            back = self._reached(AlertStatus.WAITING, direction, composite)
            moves.arm += [alert for alert in back if self._not_before.get(alert.id, now_mono) <= now_mono]
        return Moves(moves.fire[:AT_ONCE], moves.arm[:AT_ONCE], moves.hold_back[:AT_ONCE])

    def _reached(self, status: AlertStatus, direction: Direction, composite: Decimal) -> list[Alert]:
        """Armed ones above are met by a rising price from the lowest on, waiting ones above by a falling price from the highest on."""
        places = self._sorted[status, direction]
        rising = (status is AlertStatus.ARMED) == (direction is Direction.ABOVE)
        found: list[Alert] = []
        for key, alert_id in places if rising else reversed(places):
            if composite < key if rising else composite > key:
                break
            alert = self._alerts[alert_id]
            if status is AlertStatus.ARMED or returned(direction, key, composite, price=alert.price):
                found.append(alert)
        return found

    def _remove(self, alert_id: UUID) -> None:
        known = self._alerts.pop(alert_id, None)
        self._new.pop(alert_id, None)
        self._not_before.pop(alert_id, None)
        if known is not None and known.status is not AlertStatus.NEW:
            self._sorted[known.status, known.direction].remove((_key(known), alert_id))


def _key(alert: Alert) -> Decimal:
    if alert.status is AlertStatus.ARMED:
        return alert.price
    return return_level(alert.direction, alert.price, alert.hysteresis)
