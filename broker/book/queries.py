"""What the limit book reads of the order rows: what changed, what rests, and sums by which the two can be compared."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple
from uuid import UUID

from broker.book.compared import Sums
from broker.book.limit_book import Resting
from kernel.db import Tx

IN_BOOK = "limit_price IS NOT NULL AND rests_in = 'book'"  # which orders rest in the limit book; others rest elsewhere
_SHOWN = "least(quantity - filled_quantity, display_quantity)"  # of an iceberg only its part
_RESTING = f"""id, venue, side, protect_price, {_SHOWN} AS remaining, accept_seq, tenant_id, failed_price, failed_limit,
    rearm_at"""
_HORIZON = "SELECT CAST(pg_snapshot_xmin(pg_current_snapshot()) AS text)"
_PAGE = 20_000


class Change(NamedTuple):
    """An order of the market that another transaction has touched; `order` is None when it does not rest (any more)."""

    id: UUID
    order: Resting | None


@dataclass(frozen=True, slots=True)
class Kept:
    """Which of the resting orders a book keeps, and the two figures that are summed of each, as SQL."""

    name: str
    which: str
    weights: tuple[str, str]


LIMITS = Kept("limits", IN_BOOK, (_SHOWN, "protect_price"))


@dataclass(frozen=True, slots=True)
class Stretch:
    """A stretch of the book as one snapshot of the rows shows it below `horizon`; `later` were touched behind it."""

    horizon: int
    sums: Sums
    later: frozenset[UUID]


def horizon(tx: Tx) -> int:
    """All transactions below it have ended: nothing appears there any more."""
    return int(tx.scalar(_HORIZON))


def changed(tx: Tx, *, symbol: str, since: int) -> tuple[int, list[Change]]:
    """Orders of a market changed by transactions in [since, horizon), and the horizon."""
    until = horizon(tx)
    rows = tx.all(
        f"""SELECT {_RESTING}, status FROM broker.orders
             WHERE symbol = :symbol AND {IN_BOOK} AND xid >= CAST(CAST(:since AS text) AS xid8)
               AND xid < CAST(CAST(:horizon AS text) AS xid8)
             ORDER BY accept_seq""",
        symbol=symbol,
        since=since,
        horizon=until,
    )
    return until, [Change(row.id, Resting._make(row[:-1]) if row.status == "resting" else None) for row in rows]


def resting(tx: Tx, *, symbol: str) -> Iterator[Sequence[Resting]]:
    """All resting orders of a market in time priority, page by page through a cursor of the server."""
    connection: Any = tx.connection.connection.dbapi_connection
    with connection.cursor(name="resting", binary=True) as cursor:
        cursor.itersize = _PAGE
        cursor.execute(
            f"SELECT {_RESTING} FROM broker.orders WHERE symbol = %s AND status = 'resting' AND {IN_BOOK} ORDER BY accept_seq",
            [symbol],
        )
        while rows := cursor.fetchmany(_PAGE):
            yield list(map(Resting._make, rows))


def stretch(tx: Tx, *, symbol: str, first: int, last: int, kept: Kept = LIMITS) -> Stretch:
    """Count and sums of what rests in a book with accept_seq in [first, last], in a transaction with one snapshot."""
    until, (one, other) = horizon(tx), kept.weights
    params = {"symbol": symbol, "first": first, "last": last, "horizon": until}
    row = tx.one(
        f"""SELECT count(*), coalesce(sum(accept_seq), 0), coalesce(sum({one}), 0),
                   coalesce(sum(accept_seq * {other}), 0), coalesce(sum(accept_seq * {one}), 0)
              FROM broker.orders WHERE symbol = :symbol AND status = 'resting' AND {kept.which}
               AND accept_seq BETWEEN :first AND :last AND xid < CAST(CAST(:horizon AS text) AS xid8)""",
        **params,
    )
    later = tx.all(
        """SELECT id FROM broker.orders
            WHERE symbol = :symbol AND xid >= CAST(CAST(:horizon AS text) AS xid8) AND accept_seq BETWEEN :first AND :last""",
        **params,
    )
    return Stretch(until, Sums(*row), frozenset(row.id for row in later))


def next_resting(tx: Tx, *, symbol: str, after: int) -> int | None:
    """The lowest accept_seq above `after` of what rests in the market, in whichever book: one look at the index, however many they are."""
    found: int | None = tx.scalar(
        "SELECT min(accept_seq) FROM broker.orders WHERE symbol = :symbol AND status = 'resting' AND accept_seq > :after",
        symbol=symbol,
        after=after,
    )
    return found


def of_stretch(tx: Tx, *, symbol: str, first: int, last: int) -> list[Resting]:
    """The rows themselves, for the repair of a stretch that differs."""
    rows = tx.all(
        f"""SELECT {_RESTING} FROM broker.orders WHERE symbol = :symbol AND status = 'resting' AND {IN_BOOK}
               AND accept_seq BETWEEN :first AND :last ORDER BY accept_seq""",
        symbol=symbol,
        first=first,
        last=last,
    )
    return [Resting._make(row) for row in rows]
