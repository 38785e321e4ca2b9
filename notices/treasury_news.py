"""What treasury's staff are told: all alerts of one moment in one notice, unanswered ones to superiors too; transfers that go wrong."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TypeGuard
from uuid import UUID

from identity.principals import service as principals
from identity.principals.states import Role
from kernel.db import Tx
from kernel.money import canonical
from notices.service import Wish
from notices.states import Kind
from wallet_bridge.alerts.events import AlertEscalated, AlertRaised
from wallet_bridge.alerts.states import EVERYTHING, Cause
from wallet_bridge.moves.events import TreasuryTransferDiffers, TreasuryTransferEnded, TreasuryTransferLate

Alert = AlertRaised | AlertEscalated
Trouble = TreasuryTransferLate | TreasuryTransferDiffers | TreasuryTransferEnded
Ours = Alert | Trouble
_ALERTS = (AlertRaised, AlertEscalated)
_TROUBLES = (TreasuryTransferLate, TreasuryTransferDiffers, TreasuryTransferEnded)
TOLD: tuple[type, ...] = (*_ALERTS, *_TROUBLES)
TO: dict[Kind, frozenset[Role]] = {
    Kind.TREASURY_ALERT: frozenset({Role.TREASURY}),
    Kind.TREASURY_UNANSWERED: frozenset({Role.TREASURY, Role.ADMIN}),
}
_NAMED = 4


def is_ours(fact: object) -> TypeGuard[Ours]:
    return isinstance(fact, TOLD)


def wishes(tx: Tx, facts: Sequence[tuple[UUID, Ours]]) -> list[Wish]:
    """Step."""
    alerts = [(fact_id, fact) for fact_id, fact in facts if isinstance(fact, _ALERTS)]
    troubles = [fact for _, fact in facts if isinstance(fact, _TROUBLES)]
    return _of_alerts(tx, alerts) + [wish for fact in troubles for wish in _of_trouble(tx, fact)]


def _of_trouble(tx: Tx, fact: Trouble) -> list[Wish]:
    """A transfer is late once, and arrives or ends once. That nobody agreed to one, or who asked took it back, is no trouble."""
    if isinstance(fact, TreasuryTransferEnded) and not fact.agreed:
        return []
    params = {
        "transfer": str(fact.transfer_id),
        "source": fact.source,
        "destination": fact.destination,
        "asset": fact.asset,
    }
    if isinstance(fact, TreasuryTransferLate):
        kind = Kind.TREASURY_TRANSFER_LATE
        params |= {"amount": canonical(fact.amount), "since_at": fact.since.isoformat()}
    elif isinstance(fact, TreasuryTransferEnded):
        kind = Kind.TREASURY_TRANSFER_ENDED
        params |= {"amount": canonical(fact.amount), "state": fact.state, "reason": fact.reason or "-"}
    else:
        kind = Kind.TREASURY_TRANSFER_DIFFERS
        params |= {"left": canonical(fact.left), "arrived": canonical(fact.arrived)}
    people = principals.staff_with(tx, frozenset({Role.TREASURY}))
    return [Wish(principal=one, kind=kind, params=params, once=str(fact.transfer_id)) for one in people]


def _of_alerts(tx: Tx, facts: Sequence[tuple[UUID, Alert]]) -> list[Wish]:
    """One wish for each kind and person; the first fact's id names it."""
    found = []
    for kind, roles in TO.items():
        mine = [(fact_id, fact) for fact_id, fact in facts if _kind(fact) is kind]
        if mine:
            params = {"count": str(len(mine)), "lines": _lines([fact for _, fact in mine])}
            people = principals.staff_with(tx, roles)
            found += [Wish(principal=one, kind=kind, params=params, once=str(mine[0][0])) for one in people]
    return found


def _kind(fact: Alert) -> Kind:
    unanswered = isinstance(fact, AlertEscalated) and fact.cause == Cause.UNANSWERED
    return Kind.TREASURY_UNANSWERED if unanswered else Kind.TREASURY_ALERT


def _lines(facts: Sequence[Alert]) -> str:
    named = "; ".join(_line(fact) for fact in facts[:_NAMED])
    return named if len(facts) <= _NAMED else f"{named}; +{len(facts) - _NAMED}"


def _line(fact: Alert) -> str:
    if fact.asset == EVERYTHING:
        return f"{fact.location} ?"
    enough = "" if fact.line is None else f" < {canonical(fact.line)}"
    return f"{fact.location} {fact.asset} {canonical(fact.usable)}{enough}"
