"""Trial balance and chart, now or as of a moment of business time.

A moment is final once nothing that was booked by then can still commit. No transaction of the product lives longer than a minute, so a
moment two minutes ago is; a later one is refused, because the same question would have another answer soon.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from decimal import Decimal
from uuid import UUID

from kernel.db import Tx
from payments.balances import service as balances
from payments.reports import queries, rules
from payments.reports.errors import ChartTooWide
from payments.reports.rules import Branch, TrialRow, TrialTotal

WIDEST = 5_000


@dataclass(frozen=True, slots=True)
class TrialBalance:
    """`as_of` is the moment asked for, or now."""

    as_of: datetime
    rows: list[TrialRow]
    totals: list[TrialTotal]


@dataclass(frozen=True, slots=True)
class Moved:
    """What an account got on a day, in the ledger's sign."""

    path: str
    asset: str
    day: date
    amount: Decimal


@dataclass(frozen=True, slots=True)
class Traffic:
    """What journals of one kind did to an account: both columns in full, and what of the credits was a fee."""

    path: str
    asset: str
    kind: str
    debit: Decimal
    credit: Decimal
    fee: Decimal


@dataclass(frozen=True, slots=True)
class Booked:
    """What one journal did to one account, in the ledger's sign."""

    journal_id: UUID
    kind: str
    booked_at: datetime
    path: str
    asset: str
    amount: Decimal


def trial_balance(tx: Tx, *, realm: str, at: datetime | None = None) -> TrialBalance:
    """What stands in the books per asset and kind of account.

    Raises:
        NotFinalYet: `at` is too recent, or in the future.
        LedgerArchived: the journals around `at` have left the tables.
    """
    _demand_final(tx, at)
    rows = [
        TrialRow(row.asset, row.kind, row.accounts, Decimal(row.debit), Decimal(row.credit))
        for row in queries.trial_balance(tx, realm=realm, at=at)
    ]
    return TrialBalance(at or tx.now, rows, rules.totals(rows))


def chart(tx: Tx, *, realm: str, under: str | None = None, depth: int = 1, at: datetime | None = None) -> list[Branch]:
    """The accounts below `under` as a tree of `depth` levels.

    Raises:
        ChartTooWide: the deepest level has more than 5,000 nodes.
        NotFinalYet: `at` is too recent, or in the future.
        LedgerArchived: the journals around `at` have left the tables.
    """
    _demand_final(tx, at)
    above = under.replace(".", ":").split(":") if under else []
    rows = queries.chart(tx, realm=realm, under=above, depth=depth, at=at, limit=WIDEST + 1)
    if len(rows) > WIDEST:
        raise ChartTooWide
    return rules.tree(((row.parts, row.asset, row.accounts, Decimal(row.amount)) for row in rows), under=above)


def moved(tx: Tx, prefix: str, *, first: date, last: date, realm: str = "REAL") -> list[Moved]:
    """What was posted on each day of accounts whose path begins with `prefix`; days in UTC, both ends included.

    A journal that says when it takes effect (`effective_at`) counts on that day: interest of days that were caught up counts on them.

    Raises:
        LedgerArchived: the journals of the first day have left the tables.
    """
    balances.demand_in_tables(tx, datetime.combine(first, time(), UTC))
    rows = queries.moved(tx, prefix=prefix, realm=realm, first=first, last=last)
    return [Moved(row.path, row.asset, row.day, Decimal(row.amount)) for row in rows]


def traffic(tx: Tx, prefix: str, *, since: datetime, until: datetime, realm: str = "REAL") -> list[Traffic]:
    """What went in and out of accounts whose path begins with `prefix`, by kind of journal; the moment `until` is not included.

    Raises:
        LedgerArchived: the journals around `since` have left the tables.
    """
    balances.demand_in_tables(tx, since)
    rows = queries.traffic(tx, prefix=prefix, realm=realm, since=since, until=until)
    return [
        Traffic(row.path, row.asset, row.kind, Decimal(row.debit), Decimal(row.credit), Decimal(row.fee))
        for row in rows
    ]


def journals_of(
    tx: Tx, prefix: str, kinds: Sequence[str], *, since: datetime, until: datetime, limit: int, realm: str = "REAL"
) -> list[Booked]:
    """What journals of these kinds did to accounts whose path begins with `prefix`, the oldest first."""
    rows = queries.journals_of(tx, prefix=prefix, realm=realm, kinds=kinds, since=since, until=until, limit=limit)
    return [Booked(row.journal_id, row.kind, row.booked_at, row.path, row.asset, Decimal(row.amount)) for row in rows]


def _demand_final(tx: Tx, at: datetime | None) -> None:
    if at is not None:
        balances.demand_final(tx, at)
