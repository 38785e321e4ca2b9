"""The report of a day is added up from the ledger whenever it is asked for: opening + in - out - fees = closing, to the last unit.

What was reported at its end is the last sample of the day, with the difference to the ledger of that very moment.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from uuid import UUID

from kernel import clock, db, outbox
from kernel.db import Tx
from payments.balances import service as balances
from payments.errors import NotFinalYet
from payments.reports import service as reports
from payments.reports.service import Booked, Traffic
from wallet_bridge.alerts import service as alerts
from wallet_bridge.alerts.service import AlertRow
from wallet_bridge.daily import events, queries
from wallet_bridge.daily.errors import DayNotBegun
from wallet_bridge.levels import rules as level_rules
from wallet_bridge.levels import service as levels
from wallet_bridge.levels.service import Place, Sample

__all__ = ["AlertRow", "DayReport", "Row", "Transfer", "report", "tell_yesterday"]

MORNING_HOUR = 6
"""UTC. The day before is told from then on."""
MOST_TRANSFERS = 500
MOST_ALERTS = 500
_MOMENT = timedelta(microseconds=1)
_TOLD_KEPT = timedelta(days=90)


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One balance over a day, by the ledger; the rest is of the day's last sample.

    `residue`: what was too fine for the books; `difference` is without it, so any at all means that something is wrong.
    """

    location: str
    asset: str
    opening: Decimal
    came: Decimal
    went: Decimal
    fees: Decimal
    closing: Decimal
    reported: Decimal | None
    residue: Decimal | None
    difference: Decimal | None
    sampled_at: datetime | None


@dataclass(frozen=True, slots=True)
class Transfer:
    """What treasury moved: plus is more at the place."""

    journal_id: UUID
    kind: str
    location: str
    asset: str
    amount: Decimal
    at: datetime


@dataclass(frozen=True, slots=True)
class DayReport:
    """`whole`: the day is over. Transfers and alerts are the first five hundred."""

    day: date
    whole: bool
    rows: list[Row]
    transfers: list[Transfer]
    alerts: list[AlertRow]


def report(tenant: UUID, day: date | None) -> DayReport:
    """Of a day in UTC; default yesterday.

    Raises:
        DayNotBegun: as it says.
        NotFinalYet: the day ended or began a moment ago: something may still be booked on the other side of it.
        LedgerArchived: its journals have left the tables.
    """
    with db.read_only(tenant=tenant, repeatable=True) as tx:
        return _report(tx, day or tx.now.astimezone(UTC).date() - timedelta(days=1))


def _report(tx: Tx, day: date) -> DayReport:
    since = datetime.combine(day, time(), UTC)
    if since > tx.now or day <= date.min + timedelta(days=1):
        raise DayNotBegun
    until = clock.end_of(day)
    whole = until <= tx.now
    samples = levels.last_samples(tx, since=since, until=until)
    moved = _moved(tx, since, until)
    rows = [
        _row(tx, place, account_id, since, until if whole else None, moved.get(place, []), samples.get(place))
        for place, account_id in sorted(_accounts(tx).items())
    ]
    return DayReport(
        day, whole, [row for row in rows if _says_something(row)], _transfers(tx, since, until),
        alerts.alive_between(tx, since=since, until=until, limit=MOST_ALERTS),
    )  # fmt: skip


def _accounts(tx: Tx) -> dict[Place, int]:
    kinds = level_rules.OLD_AFTER
    return {levels.place(b.path): b.account_id for kind in kinds for b in balances.by_path_prefix(tx, f"{kind}.")}


def _moved(tx: Tx, since: datetime, until: datetime) -> dict[Place, list[Traffic]]:
    found: dict[Place, list[Traffic]] = {}
    for kind in level_rules.OLD_AFTER:
        for row in reports.traffic(tx, f"{kind}.", since=since, until=until):
            found.setdefault(levels.place(row.path), []).append(row)
    return found


def _row(
    tx: Tx,
    place: Place,
    account_id: int,
    since: datetime,
    until: datetime | None,
    moved: Sequence[Traffic],
    sample: Sample | None,
) -> Row:
    """Custody accounts run negative: a debit is more at the place."""
    fees = sum((row.fee for row in moved), Decimal(0))
    return Row(
        location=place[0], asset=place[1],
        opening=-balances.at(tx, account_id, since - _MOMENT),
        came=sum((row.debit for row in moved), Decimal(0)),
        went=sum((row.credit for row in moved), Decimal(0)) - fees,
        fees=fees,
        closing=-(balances.at(tx, account_id, until - _MOMENT) if until else balances.exact(tx, account_id)),
        reported=sample.reported if sample else None,
        residue=sample.residue if sample else None,
        difference=sample.reported - sample.ledger - sample.residue if sample and sample.reported is not None else None,
        sampled_at=sample.at if sample else None,
    )  # fmt: skip


def _says_something(row: Row) -> bool:
    return any((row.opening, row.came, row.went, row.fees, row.closing, row.reported))


def _transfers(tx: Tx, since: datetime, until: datetime) -> list[Transfer]:
    found: list[Booked] = []
    for kind in level_rules.OLD_AFTER:
        found += reports.journals_of(
            tx, f"{kind}.", level_rules.TREASURY_KINDS, since=since, until=until, limit=MOST_TRANSFERS
        )
    made = [Transfer(b.journal_id, b.kind, *levels.place(b.path), -b.amount, b.booked_at) for b in found]
    return sorted(made, key=lambda transfer: (transfer.at, transfer.journal_id, transfer.location))[:MOST_TRANSFERS]


def tell_yesterday(tenant: UUID) -> bool:
    """Once each morning: the channels hear how the day before stands. Only the engine may."""
    with db.read_only(tenant=tenant) as tx:
        now = tx.now.astimezone(UTC)
    if now.hour < MORNING_HOUR:
        return False
    yesterday = now.date() - timedelta(days=1)
    try:
        made = report(tenant, yesterday)
    except NotFinalYet:
        return False  # a sandbox's clock was advanced a moment ago
    differing = sum(1 for row in made.rows if row.difference)
    still_open = sum(1 for alert in made.alerts if alert.state == "open")
    with db.transaction(tenant=tenant) as tx:
        if not queries.note_told(tx, yesterday):
            return False
        queries.forget(tx, before=yesterday - _TOLD_KEPT)
        fact = events.DayReported(yesterday, len(made.rows), differing, len(made.alerts), still_open)
        outbox.publish(tx, fact, key=yesterday.isoformat())
    return True
