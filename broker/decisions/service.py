"""Use cases: see what waits for a person, propose a decision on evidence, confirm it as a second person, carry it out.

Funds stay held and reserved until then. The engine carries a confirmed decision out with the call's own move in one transaction, and a
venue that answers first wins: the decision is overtaken. Fills that turn up later at the venue are booked all the same.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from sqlalchemy.exc import IntegrityError

from broker.decisions import queries, rules
from broker.decisions.errors import (
    DeciderMustDiffer,
    DecisionNotOpen,
    DecisionPending,
    ImpossibleFills,
    NothingToDecide,
)
from broker.decisions.states import DecisionStatus, Verdict
from broker.execution import service as execution
from broker.orders.queries import Order
from broker.routing.rules import Plan
from identity.approvals import service as approvals
from identity.audit import service as audit
from kernel import commands, db, log
from kernel.calls import service as calls
from kernel.calls.outcomes import Done, NotPlaced
from kernel.calls.states import CallState
from kernel.db import AnyRow, Tx
from kernel.errors import NotFound
from kernel.ids import uuid7

_log = log.get("decisions")


def waiting(tenant: UUID) -> list[AnyRow]:
    with db.read_only(tenant=tenant) as tx:
        return queries.waiting(tx)


def read(tenant: UUID, decision_id: UUID) -> AnyRow:
    with db.read_only(tenant=tenant) as tx:
        return _found(tx, decision_id)


def _found(tx: Tx, decision_id: UUID) -> AnyRow:
    row = queries.get(tx, decision_id)
    if row is None:
        raise NotFound
    return row


def propose(
    *,
    tenant: UUID,
    principal: UUID,
    venue_order_id: UUID,
    verdict: Verdict,
    fills: Sequence[dict[str, Any]],
    evidence: str,
    key: str | None,
) -> commands.Outcome:
    """Say what the venue did, with the evidence for it.

    Raises:
        NothingToDecide: the venue order does not wait for a person.
        ImpossibleFills: the fills do not fit what was sent.
        DecisionPending: there is an open proposal already.
    """

    def use_case(tx: Tx) -> tuple[str, UUID]:
        child = queries.waiting_one(tx, venue_order_id)
        if child is None:
            raise NothingToDecide if queries.venue_order_exists(tx, venue_order_id) else NotFound
        rules.check_fills(
            fills, verdict=verdict, side=child.side, quantity=child.quantity, limit_price=child.limit_price,
            booked=queries.booked(tx, venue_order_id),
        )  # fmt: skip
        if queries.booked_elsewhere(tx, child.venue, child.symbol, venue_order_id, [f["trade_id"] for f in fills]):
            raise ImpossibleFills("a trade belongs to another venue order")
        decision_id = uuid7()
        written = queries.insert(
            tx, decision_id=decision_id, venue_order_id=venue_order_id, verdict=verdict.value, fills=list(fills),
            evidence=evidence, proposed_by=principal,
        )  # fmt: skip
        if not written:
            raise DecisionPending
        _log.warning("decision_proposed", venue_order=str(venue_order_id), verdict=verdict.value, by=str(principal))
        audit.about(tx, verdict=verdict.value, venue_order=venue_order_id)
        return "decision", decision_id

    digest = commands.fingerprint(
        {"venue_order": venue_order_id, "verdict": verdict, "fills": list(fills), "evidence": evidence}
    )
    return commands.run(
        tenant=tenant, principal=principal, route="POST /v1/venue-orders/{id}/decisions", key=key, fingerprint=digest,
        fn=use_case,
    )  # fmt: skip


def confirm(*, tenant: UUID, principal: UUID, decision_id: UUID) -> AnyRow:
    """Confirm as a second person; the engine carries it out.

    Raises:
        DeciderMustDiffer: the caller proposed it, with whichever account.
        DecisionNotOpen: it is not waiting any more.
    """
    with db.transaction(tenant=tenant) as tx:
        row = _found(tx, decision_id)
        if approvals.same_person(tx, row.proposed_by, principal):
            raise DeciderMustDiffer
        if not queries.move(tx, decision_id, DecisionStatus.CONFIRMED, confirmed_by=principal):
            raise DecisionNotOpen(status_now=row.status)
        _tell(tx, decision_id, "decision.confirmed", row.status, DecisionStatus.CONFIRMED, actor=principal)
        _log.warning("decision_confirmed", decision=str(decision_id), by=str(principal))
        return _found(tx, decision_id)


def withdraw(*, tenant: UUID, decision_id: UUID) -> AnyRow:
    """Take a proposal back, whoever made it.

    Raises:
        DecisionNotOpen: it is not waiting any more.
    """
    with db.transaction(tenant=tenant) as tx:
        row = _found(tx, decision_id)
        if not queries.move(tx, decision_id, DecisionStatus.WITHDRAWN):
            raise DecisionNotOpen(status_now=row.status)
        _tell(tx, decision_id, "decision.withdrawn", row.status, DecisionStatus.WITHDRAWN)
        return _found(tx, decision_id)


def _tell(
    tx: Tx, decision_id: UUID, action: str, before: str, after: DecisionStatus, *, actor: UUID | None = None
) -> None:
    audit.record(
        tx, action, kind="decision", resource=decision_id, before={"status": before}, after={"status": after.value},
        actor=actor,
    )  # fmt: skip


def carry_out() -> int:
    """Carry out what was confirmed (the engine's role); answers how many."""
    with db.read_only() as tx:
        rows = queries.confirmed(tx)
    return sum(_carry_out(row) for row in rows)


def _carry_out(row: AnyRow) -> bool:
    """One decision, with the move of its call, in one transaction; the order's row is locked first."""
    outcome: Done | NotPlaced = NotPlaced(0)
    to = CallState.NOT_PLACED
    if row.verdict == Verdict.ENDED:
        outcome, to = (
            Done(rules.report(coid=row.client_order_id, quantity=row.quantity, fills=row.fills)),
            CallState.DONE,
        )

    def use_case() -> bool:
        with db.transaction(tenant=row.tenant_id) as tx:
            execution.apply(tx, child_id=row.child_id, outcome=outcome, reroute=_nowhere)
            if not calls.decide(tx, call_id=row.call_id, to=to, decision=row.id):
                raise _Overtaken
            moved = queries.move(tx, row.id, DecisionStatus.CARRIED_OUT)
            if moved:
                _tell(tx, row.id, "decision.carried_out", DecisionStatus.CONFIRMED, DecisionStatus.CARRIED_OUT)
            return moved

    try:
        return db.retrying(use_case)
    except (_Overtaken, IntegrityError):  # the latter: a trade was meanwhile booked for another venue order
        with db.transaction(tenant=row.tenant_id) as tx:
            if queries.move(tx, row.id, DecisionStatus.OVERTAKEN):
                _tell(tx, row.id, "decision.overtaken", DecisionStatus.CONFIRMED, DecisionStatus.OVERTAKEN)
        _log.info("decision_overtaken", decision=str(row.id))
        return False


class _Overtaken(Exception):
    """The venue's evidence came first: everything of this attempt is rolled back."""


def _nowhere(order: Order, _without: frozenset[str]) -> Plan:
    """After a person had to look at it an order is not sent out again by itself."""
    return Plan(legs=(), residual=order.remaining, evidence={})
