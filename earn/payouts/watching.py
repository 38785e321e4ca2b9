"""Runs as staff sees them, and the watch that says so when payouts are late.

A job that stops says nothing. So another one looks every hour: has a run come to its end within a day, and is any row due for longer
than that? What is late is an incident, and an alert when it begins; both are over by themselves.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from uuid import UUID

from earn.payouts import run_queries
from earn.payouts.events import PayoutsLate
from earn.payouts.record import Lateness, Refusal, Run
from earn.payouts.states import Late, PayoutRunState
from kernel import db, outbox
from kernel.db import AnyRow, Tx
from kernel.metrics import EARN_LATE
from payments.reconciliation import service as reconciliation
from payments.reconciliation.states import IncidentKind

__all__ = ["Lateness", "Refusal", "Run"]

SILENCE = timedelta(minutes=10)
"""Of wall time. A batch is a transaction of a minute at most, and every batch is heard of."""
PATIENCE = timedelta(days=1)


def runs(tenant: UUID, *, before: UUID | None, limit: int) -> list[Run]:
    """Newest first."""
    with db.read_only(tenant=tenant, repeatable=True) as tx:
        rows = run_queries.page(tx, before=before, limit=limit, silence=SILENCE)
        waits = run_queries.due_by_moment(tx, by=max(row.due_by for row in rows)) if rows else []
    return [_run(row, sum(count for due_at, count in waits if due_at <= row.due_by)) for row in rows]


def refusals(tenant: UUID, *, after: tuple[UUID, int] | None, limit: int) -> Sequence[Refusal]:
    """Rows that are due and that the ledger would not pay, each with its reason."""
    with db.read_only(tenant=tenant) as tx:
        return run_queries.refusals(tx, after=after, limit=limit)


def _run(row: AnyRow, still_due: int) -> Run:
    state = PayoutRunState.ENDED if row.ended_at else PayoutRunState.DIED if row.silent else PayoutRunState.RUNNING
    return Run(
        id=row.id, due_by=row.due_by, started_at=row.started_at, ended_at=row.ended_at, state=state, paid=row.paid,
        refused=row.refused, still_due=still_due,
    )  # fmt: skip


def watch(due: datetime) -> None:
    """Look at every house, and tell each of what began or ended there."""
    with db.read_only() as tx:
        houses = run_queries.houses(tx)
    counts = dict.fromkeys(Late, 0)
    for tenant in houses:
        with db.transaction(tenant=tenant) as tx:
            found = {late.what: late for late in _late(tx, due - PATIENCE)}
            for what in Late:
                _tell(tx, what, found.get(what))
                counts[what] += what in found
    for what, count in counts.items():
        EARN_LATE.labels(what.value).set(count)


def _late(tx: Tx, limit: datetime) -> list[Lateness]:
    """What stood like this at that moment already."""
    found, rows = [], run_queries.waiting(tx, by=limit)
    until = run_queries.paid_until(tx)
    if until is not None and until <= limit:
        found.append(Lateness(Late.STOPPED, rows.rows + rows.refused, until))
    elif rows.rows:  # while nothing runs, that is why they wait
        found.append(Lateness(Late.ROWS, rows.rows, rows.since))
    if rows.refused:
        found.append(Lateness(Late.REFUSED, rows.refused, rows.refused_since, rows.reasons))
    return found


def _tell(tx: Tx, what: Late, late: Lateness | None) -> None:
    name = f"earn.payouts.{what}"
    if late is None:
        reconciliation.close_incident(tx, IncidentKind.LATE, name)
        return
    detail = f"{late.rows} rows, since {late.since.isoformat(timespec='seconds')}" + (
        f": {late.reasons}" if late.reasons else ""
    )
    if reconciliation.raise_incident(tx, IncidentKind.LATE, name, detail):
        outbox.publish(tx, PayoutsLate(what.value, late.rows, late.since, late.reasons), key=name)
