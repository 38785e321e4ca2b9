"""The owner's audit of a book: round after round each stretch is compared with its rows in one snapshot, one stretch at a time."""

from __future__ import annotations

from typing import Any

from broker.book import queries
from broker.book.compared import Compared
from broker.book.queries import Kept
from kernel import log
from kernel.db import Tx

AUDIT_EVERY_S = 5.0  # one stretch of a book at a time
_log = log.get("book")


class Audit:
    """How far the present round over the book of one market came. What happened before the snapshot must be in the book already."""

    def __init__(self, symbol: str, kept: Kept) -> None:
        self._symbol, self._kept = symbol, kept
        self._through = -1  # accept_seq up to which this round came

    def next(self, tx: Tx, book: Compared[Any]) -> tuple[int, int] | None:
        """Compare the next stretch; its first and last accept_seq where it differs from the rows."""
        stretch = self._next_stretch(tx, book)
        if stretch is None:
            return None
        first, self._through = stretch
        rows = queries.stretch(tx, symbol=self._symbol, first=first, last=self._through, kept=self._kept)
        if rows.sums == book.sums(first, rows.later):
            return None
        _log.warning(
            "book_differs", symbol=self._symbol, book=self._kept.name, first=first, rows=rows.sums.orders,
            here=book.sums(first).orders,
        )  # fmt: skip
        return stretch

    def _next_stretch(self, tx: Tx, book: Compared[Any]) -> tuple[int, int] | None:
        """The next one behind the last, or the first of all; None where nothing rests, neither here nor in the rows.

        The rows are asked too: a book cannot name what it has lost.
        """
        for after in (self._through, -1):
            row = queries.next_resting(tx, symbol=self._symbol, after=after)
            if (stretch := book.next_stretch(after, row)) is not None:
                return stretch
        return None
