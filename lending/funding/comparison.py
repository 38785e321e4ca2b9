"""Source of reconciliation: what we owe on funding lines, by the ledger against the lines and against what the venue says.

What we owe counts as less than nothing, as on every source: both sides are what we own there. Nothing is corrected by itself: a difference
is a ticket with both records, for either a line, a journal or a loan is wrong, and only people can say which.
"""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal

from kernel.db import AnyRow, Tx
from kernel.money import canonical
from lending import accounts
from lending.funding import reading_queries as readings
from lending.funding import rules
from lending.funding.reading_queries import Reading
from payments.assets import service as assets
from payments.reconciliation import moments
from payments.reconciliation.errors import ScopeUnknown
from payments.reconciliation.sources import Observation, Scope, Slice
from payments.reconciliation.states import BreakClass, Level

ZERO = Decimal(0)


class FundingLines:
    """Scope: the name of a line. What is drawn and what that has cost, each by itself."""

    levels = frozenset(Level)

    def read(self, tx: Tx, scope: Scope, position: str | None, limit: int) -> Slice:  # noqa: ARG002  one slice holds them all
        seen = []
        for row in _scoped(tx, scope):
            owed = rules.payable(row.accrued, assets.scale(row.asset))
            seen.append(_line(row, "drawn", ledger=row.payable, line=row.drawn))
            seen.append(_line(row, "cost", ledger=row.interest, line=owed))
        return Slice(seen, None)


class FundingAtVenues:
    """Scope: the name of a line. What was taken for its loans, and what the venue has lent us that no line knows of.

    The venue's numbers say which line something was taken for. What it charges is no part of its list: that shows in our balance there.
    """

    levels = frozenset(Level)

    def read(self, tx: Tx, scope: Scope, position: str | None, limit: int) -> Slice:  # noqa: ARG002  one slice holds them all
        rows, seen = _scoped(tx, scope), []
        for reading in readings.newest(tx):
            ours = [row for row in rows if (row.adapter, row.asset) == (reading.adapter, reading.asset)]
            seen += [_taken(tx, row, reading) for row in ours]
            if scope.name is None:
                seen += _of_nobody(tx, ours, reading)
        return Slice(seen, None)


def _scoped(tx: Tx, scope: Scope) -> Sequence[AnyRow]:
    rows = readings.booked(tx)
    if scope.name is None:
        return rows
    found = [row for row in rows if row.name == scope.name]
    if not found:
        raise ScopeUnknown("there is no funding line of this name")
    return found


def _line(row: AnyRow, what: str, *, ledger: Decimal, line: Decimal) -> Observation:
    """Both are ours, in one snapshot: nothing is too small to look at, and nothing is on its way."""
    return Observation(
        reference=f"{row.id}:{what}", asset=row.asset, ours=-ledger, theirs=-line, whole=True,
        hint=None if ledger == line else BreakClass.WRONG_AMOUNT,
        raw={"line": row.name, "what": what, "ledger": ledger, "line_says": line, "accrued": row.accrued, "through": row.accrued_through},
    )  # fmt: skip


def _taken(tx: Tx, row: AnyRow, reading: Reading) -> Observation:
    theirs = -sum((reading.taken.get(ref, ZERO) for ref in row.refs), ZERO)
    account = accounts.funding_payable(tx, row.id, row.asset)
    ours = moments.nearest(tx, account, theirs=theirs, read_at=reading.read_at)
    missing = [ref for ref in row.refs if ref not in reading.taken]
    return Observation(
        reference=f"{row.id}:{row.source}", asset=row.asset, ours=ours.amount, theirs=theirs, whole=True,
        moving=row.moving or ours.moving,
        raw={"line": row.name, "venue": row.source, "read_at": reading.read_at.isoformat(), "ledger_now": ours.now,
             "taken": ", ".join(f"{ref}: {reading.taken[ref]}" for ref in row.refs if ref in reading.taken),
             "not_at_the_venue": ", ".join(missing)},
    )  # fmt: skip


def _of_nobody(tx: Tx, rows: Sequence[AnyRow], reading: Reading) -> list[Observation]:
    """Money of the venue that no draw is booked for. While a bid of this asset is under way it may be that bid's."""
    known = {ref for row in rows for ref in row.refs}
    foreign = sorted(reading.taken.keys() - known)
    if not foreign or any(row.moving for row in rows):
        return []
    back = readings.going_back(tx, foreign, since=reading.read_at - moments.READING_TAKES)
    return [
        Observation(
            reference=f"{reading.adapter.value}:{ref}", asset=reading.asset, ours=None, theirs=-reading.taken[ref],
            theirs_text=canonical(-reading.taken[ref]),
            raw={"venue": reading.adapter.value, "number": ref, "taken": reading.taken[ref], "read_at": reading.read_at.isoformat()},
        )
        for ref in foreign
        if ref not in back
    ]  # fmt: skip
