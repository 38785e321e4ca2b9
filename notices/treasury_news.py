"""What treasury's staff are told: all alerts of one moment in one notice, and unanswered ones to their superiors as well."""

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

TOLD: tuple[type, ...] = (AlertRaised, AlertEscalated)
TO: dict[Kind, frozenset[Role]] = {
    Kind.TREASURY_ALERT: frozenset({Role.TREASURY}),
    Kind.TREASURY_UNANSWERED: frozenset({Role.TREASURY, Role.ADMIN}),
}
_NAMED = 4
Alert = AlertRaised | AlertEscalated


def is_alert(fact: object) -> TypeGuard[Alert]:
    return isinstance(fact, TOLD)


def wishes(tx: Tx, facts: Sequence[tuple[UUID, Alert]]) -> list[Wish]:
    """One wish for each kind and person; the first fact's id names it. Step."""
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
