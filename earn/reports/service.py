"""The ladder, the coverage and the cost of earn. The plans say what will be paid, the ledger what is owed, owned and spent.

What lending has and earns is read from the ledger too, by the paths of its accounts: the two packages do not know each other.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from uuid import UUID

from earn.reports import queries, rules
from earn.reports.rules import Cost, Cover, Margin, Rungs
from kernel import db
from kernel.db import Tx
from kernel.errors import InvalidRequest
from payments.balances import service as balances
from payments.reports import service as books

MOST_DAYS = 366
_USUALLY = timedelta(days=29)
_COVERING = ("earn.", "venue.", "wallet.", "house.cash:", "lending.principal.")


@dataclass(frozen=True, slots=True)
class Ladder:
    at: datetime
    assets: Sequence[Rungs]

    @property
    def today(self) -> date:
        return self.at.astimezone(UTC).date()


@dataclass(frozen=True, slots=True)
class Coverage:
    at: datetime
    assets: Sequence[Cover]


@dataclass(frozen=True, slots=True)
class Costs:
    items: Sequence[Cost]
    totals: Sequence[Margin]


def ladder(tenant: UUID, *, asset: str | None) -> Ladder:
    """What is still to be paid to customers, by date."""
    with db.read_only(tenant=tenant, unlimited=True) as tx:
        return Ladder(tx.now, rules.ladder(queries.due(tx, asset=asset)))


def coverage(tenant: UUID) -> Coverage:
    """What is owed to savers now, and what stands in the books of the same assets."""
    with db.read_only(tenant=tenant, repeatable=True) as tx:
        found = [
            (each.path, each.asset, each.posted) for start in _COVERING for each in balances.by_path_prefix(tx, start)
        ]
        return Coverage(tx.now, rules.coverage(found))


def costs(tenant: UUID, *, first: date | None, last: date | None, asset: str | None) -> Costs:
    """Of business days, both ends included; the last thirty unless others are named.

    Raises:
        InvalidRequest: the days are in the wrong order, or more than a year of them.
        LedgerArchived: the journals of the first day have left the tables.
    """
    with db.read_only(tenant=tenant, repeatable=True) as tx:
        last = last or tx.now.astimezone(UTC).date()
        first = first or last - min(_USUALLY, last - date.min)
        if not timedelta(0) <= last - first < timedelta(days=MOST_DAYS):
            raise InvalidRequest(f"from, to: at most {MOST_DAYS} days, the first of them first")
        items = queries.costs(tx, first=first, last=last, asset=asset)
        income, funding = (
            _moved(tx, path, first, last, asset) for path in ("revenue.loan_interest:", "expense.funding:")
        )
        return Costs(items, rules.margins(items, income=income, funding=funding))


def _moved(tx: Tx, prefix: str, first: date, last: date, asset: str | None) -> list[tuple[str, Decimal]]:
    found = books.moved(tx, prefix, first=first, last=last)
    return [(each.asset, each.amount) for each in found if asset in {None, each.asset}]
