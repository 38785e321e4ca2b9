"""What programs are told of loans: facts as they stand, but of levels only what their customer may know.

One fact may be two kinds of news, the particular one first: a webhook that wants both gets one delivery, of that kind.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any
from uuid import UUID

from kernel.events import encode
from lending.life.events import LoanRateAnnounced, Overdue
from lending.liquidation.events import LiquidationSettled, LiquidationStarted
from lending.loans.events import Extended, LoanOpened, Repaid
from lending.loans.states import Level
from lending.watch.events import LevelChanged
from notices.webhooks.service import News
from notices.webhooks.states import EventKind

Telling = Callable[[UUID, Any], Sequence[News]]
"""From the id of an event and the fact to the news."""


def as_it_stands(kind: EventKind, owner: str) -> Telling:
    """The whole fact, to whom its field `owner` names."""
    return lambda event_id, fact: [News(event_id, getattr(fact, owner), kind, encode(fact))]


def _level(event_id: UUID, fact: LevelChanged) -> list[News]:
    """Never the real levels: while the guard waits at the actual line, customers read of a margin call and of nothing else."""
    was, now = Level(fact.told_from), Level(fact.told_to)
    if was is now:
        return []
    known = encode(fact)
    told = ("loan_id", "customer_id", "asset", "prices", "debt", "repay", "changed_at")
    data = {name: known[name] for name in told} | {"from": was.value, "to": now.value}
    called = now is Level.MARGIN_CALL and now.rank > was.rank
    kinds = (EventKind.LOAN_MARGIN_CALL,) * called + (EventKind.LOAN_LEVEL_CHANGED,)
    return [News(event_id, fact.customer_id, kind, data) for kind in kinds]


def _overdue(event_id: UUID, fact: Overdue) -> list[News]:
    kinds = (EventKind.LOAN_MATURED,) * fact.final + (EventKind.LOAN_OVERDUE,)
    return [News(event_id, fact.customer_id, kind, encode(fact)) for kind in kinds]


LOAN_NEWS: dict[type, Telling] = {
    LoanOpened: as_it_stands(EventKind.LOAN_OPENED, "customer_id"),
    LevelChanged: _level,
    LiquidationStarted: as_it_stands(EventKind.LOAN_LIQUIDATION_STARTED, "customer_id"),
    LiquidationSettled: as_it_stands(EventKind.LOAN_LIQUIDATION_ENDED, "customer_id"),
    Repaid: as_it_stands(EventKind.LOAN_REPAID, "customer_id"),
    Overdue: _overdue,
    Extended: as_it_stands(EventKind.LOAN_EXTENDED, "customer_id"),
    LoanRateAnnounced: as_it_stands(EventKind.LOAN_RATE_ANNOUNCED, "customer_id"),
}
