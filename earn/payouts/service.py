"""Interest and principal to the customers: what passes is booked, what is due is paid, each row once.

Rows are claimed in batches, each paid in a transaction of its own with its journals, which are named after the rows: after a crash, in a
second worker or on a second run of the same day nothing is paid twice. A row that the ledger refuses (a closed account) stays due.
Last rows that are to be renewed come one by one, each when its moment comes among the others.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from functools import partial
from uuid import UUID

from earn.payouts import postings, queries, settling
from earn.payouts.record import Due
from earn.renewals import service as renewals
from identity.audit import service as audit
from kernel import db, failpoints, log
from kernel.db import Tx
from kernel.errors import InvalidRequest
from kernel.ids import uuid7
from payments.assets import service as assets

__all__ = ["Due", "Paid"]

_FIRST_ZONE, _LAST_ZONE = (
    timedelta(hours=14),
    timedelta(hours=12),
)  # a day begins so long before UTC's, and ends so long after it
BATCH = 5_000
MOMENT = timedelta(microseconds=1)
_log = log.get("earn_payouts")
failpoints.declare("earn.payout.before_commit", "earn.payout.after_commit")


@dataclass(frozen=True, slots=True)
class Paid:
    """How many rows a run paid, and how many the ledger refused."""

    run_id: UUID
    paid: int = 0
    refused: int = 0

    def __add__(self, other: Paid) -> Paid:
        return Paid(self.run_id, self.paid + other.paid, self.refused + other.refused)


def ask_for(tenant: UUID, day: date) -> Paid:
    """Pay what is due on a day and before it, because somebody asked for it.

    Raises:
        InvalidRequest: the day has begun nowhere.
    """
    with db.read_only(tenant=tenant) as tx:
        now = tx.now
    if day > (now + _FIRST_ZONE).date():
        raise InvalidRequest("date: a day that has begun")
    by = min(datetime.combine(day, time(), UTC) + timedelta(days=1) + _LAST_ZONE, now)
    if by == now:  # the hours have booked what passed until now: an earlier moment would take some of it back
        accrue(tenant, at=by)
    done = run(tenant, by=by)
    with db.transaction(tenant=tenant) as tx:
        audit.record(tx, "earn_payouts.run", kind="earn_run", resource=done.run_id, day=day.isoformat(), paid=done.paid)
    return done


def run(tenant: UUID, *, by: datetime) -> Paid:
    """Pay all that is due by a moment. Any number of runs, at once or again, pay each row once.

    What is renewed meets the stock, the caps and its own new rows as if every day had been run on its day.
    """
    total, place, tried = Paid(uuid7()), queries.START, renewals.START
    with db.transaction(tenant=tenant) as tx:
        queries.begin_run(tx, total.run_id, by=by)
    while wanted := renewals.next_due(tenant, by=by, after=tried):
        place, done = _pay_until(tenant, total.run_id, wanted[0].due_at - MOMENT, place)
        total += done
        for one in wanted:
            renewed = renewals.renew(tenant, one, run_id=total.run_id, by=by)
            total += Paid(total.run_id, renewed.paid, renewed.left)
        tried = wanted[-1]
    place, done = _pay_until(tenant, total.run_id, by, place)
    with db.transaction(tenant=tenant) as tx:
        queries.end_run(tx, total.run_id)
    return total + done


def _pay_until(tenant: UUID, run_id: UUID, until: datetime, place: queries.Place) -> tuple[queries.Place, Paid]:
    """Batch by batch, from a place on; answers how far it came."""
    total = Paid(run_id)
    while True:
        rows, done = db.retrying(partial(_batch, tenant, run_id, until, place))
        if not rows:
            return place, total
        failpoints.hit("earn.payout.after_commit")
        place, total = (rows[-1].due_at, rows[-1].subscription_id, rows[-1].seq), total + done


def _batch(tenant: UUID, run_id: UUID, by: datetime, place: queries.Place) -> tuple[Sequence[Due], Paid]:
    """The next rows that are due, and what became of them.

    What another worker has at this moment, or what must wait for an earlier row, is the next run's.
    """
    with db.transaction(tenant=tenant) as tx:
        rows = queries.claim(tx, by=by, after=place, limit=BATCH)
        ready = queries.in_order(tx, rows)
        done = _pay(tx, run_id, ready)
        queries.progress(tx, run_id, paid=len(done), refused=len(ready) - len(done))
        if rows:
            failpoints.hit("earn.payout.before_commit")
        return rows, Paid(run_id, len(done), len(ready) - len(done))


def _pay(tx: Tx, run_id: UUID, rows: Sequence[Due]) -> list[Due]:
    """Those of the rows that were paid; of the others it is written down why not."""
    worth = [row for row in rows if not postings.nothing(row)]
    refused = {worth[no.item]: no.status for no in postings.pay(tx, worth) if no.status != "exists"}
    for row, status in refused.items():
        _log.error("earn_payout_refused", key=row.key, status=status)
    done = [row for row in rows if row not in refused] if refused else list(rows)
    settling.settle(tx, done)
    queries.refuse(tx, run_id, list(refused.items()))
    return done


def busy() -> Sequence[UUID]:
    """The houses whose hours have work. For the engine."""
    with db.read_only() as tx:
        return queries.busy(tx)


def accrue(tenant: UUID, *, at: datetime) -> None:
    """Book what the customers of each template have earned until a moment, one journal a template."""
    with db.read_only(tenant=tenant) as tx:
        owing = queries.owing(tx)
    for template_id, asset in owing:
        db.retrying(partial(_accrue, tenant, template_id, asset, at))


def _accrue(tenant: UUID, template_id: UUID, asset: str, at: datetime) -> None:
    with db.transaction(tenant=tenant) as tx:
        known = queries.lock_accrual(tx, template_id, asset)
        owed = queries.earned(tx, template_id, at=at, scale=assets.scale(asset))
        if owed != known.owed:
            day = at.astimezone(UTC).date()
            queries.booked(tx, template_id, owed=owed, amount=owed - known.owed, day=day)
            postings.accrue(tx, template_id, asset, owed - known.owed, at=at, number=known.number)
