"""Where the house stands: read from the ledger at any moment, watched for hedge gaps, written down once a day.

In pass-through markets house.trading is zero after every transaction; it moves only with a fill that no customer could take. The report of
a day shows the books at its end; positions and prices are those of the moment the report is made, a few minutes later.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

from broker.exposure import events, queries, rules
from broker.exposure.rules import Exposure, Standing
from broker.revenue import queries as revenue
from broker.revenue import service as accounting
from broker.revenue.rules import ZERO, Position
from identity.tenants import service as tenants
from kernel import db, log, outbox
from kernel.clock import end_of
from kernel.db import AnyRow, Tx
from kernel.ids import uuid7
from payments.balances import service as balances
from payments.errors import LedgerArchived

SETTLED_AFTER = timedelta(minutes=5)
DAYS_AT_ONCE = 60
_log = log.get("exposure")


@dataclass(frozen=True, slots=True, kw_only=True)
class Overview:
    """The house now. `waiting`: fills of the last moment that positions do not know yet."""

    assets: Sequence[Exposure]
    unknown: Sequence[AnyRow]
    gaps: Sequence[AnyRow]
    waiting: int
    as_of: datetime

    @property
    def realised(self) -> Decimal:
        return sum((e.position.realised for e in self.assets), ZERO)

    @property
    def unrealised(self) -> Decimal:
        return rules.total_unrealised(list(self.assets))


def overview(tenant: UUID) -> Overview:
    """The ledger's sums, positions, open gaps and unknown orders in one snapshot."""
    with db.read_only(tenant=tenant, repeatable=True) as tx:
        return Overview(
            assets=_exposures(tx, at=None),
            unknown=queries.unknown_children(tx),
            gaps=queries.gaps(tx, limit=50),
            waiting=revenue.waiting(tx),
            as_of=tx.now,
        )


def _exposures(tx: Tx, *, at: datetime | None) -> list[Exposure]:
    marks, held = accounting.marks_of(tx), revenue.positions(tx)
    books = {row.asset: Standing(**row._mapping) for row in queries.standings(tx, at=at)}  # noqa: SLF001  its documented view
    return [
        Exposure(
            books=books.get(asset, Standing(asset=asset)), position=held.get(asset, Position()), price=marks.get(asset)
        )
        for asset in [*books, *sorted(held.keys() - books.keys())]
    ]


def watch_gaps() -> int:
    """Compare house.trading of every tenant with the gaps that are open, and tell what opened or closed; returns how many did."""
    return sum(db.retrying(lambda tenant=tenant.id: _watch(tenant)) for tenant in tenants.every())  # type: ignore[misc]


def _watch(tenant: UUID) -> int:
    with db.transaction(tenant=tenant) as tx:
        position = {asset: amount for asset, amount in queries.trading(tx).items() if amount}
        told = 0
        for gap in queries.lock_open_gaps(tx):
            now = position.pop(gap.asset, ZERO)
            if now == 0:
                _close(tx, gap)
                told += 1
            elif now != gap.quantity:
                queries.change_gap(tx, gap_id=gap.id, quantity=now, worst=max(gap.worst, now, key=abs))
        for asset, quantity in sorted(position.items()):
            told += _open(tx, asset, quantity)
    return told


def _open(tx: Tx, asset: str, quantity: Decimal) -> bool:
    gap_id = uuid7()
    if not queries.open_gap(tx, gap_id=gap_id, asset=asset, quantity=quantity):
        return False
    _log.error("hedge_gap_opened", asset=asset, quantity=quantity)
    outbox.publish(tx, events.HedgeGapOpened(gap_id, asset, quantity), key=f"hedge_gap:{asset}")
    return True


def _close(tx: Tx, gap: AnyRow) -> None:
    queries.close_gap(tx, gap_id=gap.id)
    open_for = max(int((tx.now - gap.opened_at).total_seconds()), 0)
    _log.info("hedge_gap_closed", asset=gap.asset, worst=gap.worst, open_for_s=open_for)
    outbox.publish(tx, events.HedgeGapClosed(gap.id, gap.asset, gap.worst, open_for), key=f"hedge_gap:{gap.asset}")


def report_days() -> int:
    """Write the report of every day that is over and settled; returns how many were written. Safe to run again."""
    return sum(_report_tenant(tenant.id) for tenant in tenants.every())


def _report_tenant(tenant: UUID) -> int:
    made = 0
    while made < DAYS_AT_ONCE:
        with db.read_only(tenant=tenant) as tx:
            day = _next_day(tx)
        if day is None or not db.retrying(lambda day=day: _report(tenant, day)):  # type: ignore[misc]
            break
        made += 1
    return made


def _next_day(tx: Tx) -> date | None:
    """The first day without a report that ended some minutes ago."""
    last = queries.last_reported(tx)
    day = last + timedelta(days=1) if last is not None else queries.first_business_day(tx)
    return day if day is not None and tx.now >= end_of(day) + SETTLED_AFTER else None


def _report(tenant: UUID, day: date) -> bool:
    start, end = end_of(day) - timedelta(days=1), end_of(day)
    with db.transaction(tenant=tenant, repeatable=True) as tx:
        if revenue.waiting(tx):
            return False  # accounting comes first; the next run finds it done
        at = end - timedelta(microseconds=1)
        try:
            balances.demand_in_tables(tx, at)
        except LedgerArchived:
            assets = _exposures(tx, at=None)
        else:
            assets = _exposures(tx, at=at)
        sums = revenue.totals(tx, start=start, end=end)
        made = queries.insert_report(
            tx,
            {
                "day": day, "fills": sums.fills, "volume": sums.volume, "trade_fees": sums.trade_fees, "spread": sums.spread,
                "venue_fees": sums.venue_fees, "realised": sum((e.position.realised for e in assets), ZERO),
                "unrealised": rules.total_unrealised(assets), "hedge_gaps": queries.count_gaps(tx, start=start, end=end),
            },
        )  # fmt: skip
        if made:
            queries.insert_lines(tx, [_line(day, exposure) for exposure in assets])
    return made


def _line(day: date, exposure: Exposure) -> dict[str, Any]:
    held = exposure.position
    return asdict(exposure.books) | {
        "day": day, "price": exposure.price, "position": held.quantity, "cost": held.cost, "realised": held.realised,
        "unrealised": exposure.unrealised,
    }  # fmt: skip


def reports(tenant: UUID, *, before: date | None, limit: int) -> tuple[list[AnyRow], dict[date, list[AnyRow]]]:
    """Daily reports, newest first, and their lines by day."""
    with db.read_only(tenant=tenant, repeatable=True) as tx:
        days = queries.reports(tx, before=before, limit=limit)
        by_day: dict[date, list[AnyRow]] = {row.day: [] for row in days}
        for line in queries.lines(tx, days=list(by_day)):
            by_day[line.day].append(line)
    return days, by_day
