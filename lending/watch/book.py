"""All running loans in memory as arrays of floats: re-marked at every tick, to choose the few that are decided exactly.

A kind is one collateral of one product version; rows point to their kind, so that a price which one product believes and another does not
is simply missing for the kinds of the other. Kind 0 is nothing at all and worth nothing, for a loan without collateral is one to look
at. A loan that has changed moves to a new shelf; a shelf is never changed but for loans that left it.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import Any
from uuid import UUID

import numpy as np
from numpy.typing import NDArray

from lending.loans.states import Level
from lending.screen import Book, Floats, Ints, Ranks, ranks

DAY_ZERO = date(2000, 1, 1)  # as Postgres counts days
COMPACT_FROM = 20_000

ROW = np.dtype(
    [
        ("high", ">u8"),
        ("low", ">u8"),
        ("place", ">i4"),
        ("live", ">i4"),
        ("level", ">i4"),
        ("since", ">i4"),
        ("fixed", ">f8"),
        ("principal", ">f8"),
        ("rate", ">f8"),
        ("kind", ">i4"),
        ("quantity", ">f8"),
    ]
)
"""One row per loan and collateral, as `queries.copy_book` brings it; a loan without any has one row of kind 0."""

Rows = NDArray[np.void]
NO_ROWS: Rows = np.empty(0, ROW)
Bools = NDArray[np.bool_]
_ACTUAL, _SHOWN_WORST = Level.PENDING_LIQUIDATION.rank, Level.MARGIN_CALL.rank


@dataclass(frozen=True, slots=True)
class Accrual:
    """From when on the interest of a loan runs, and of which product: loans of one accrual grow alike."""

    place: int
    since: date


@dataclass(slots=True)
class Shelf:
    """Loans side by side, in the order of their ids. `gone` ones left: they are never candidates."""

    high: NDArray[np.uint64]
    low: NDArray[np.uint64]
    places: NDArray[np.int32]
    levels: NDArray[np.int8]
    rows: Rows
    book: Book
    accruals: tuple[Accrual, ...]
    accrual_of: NDArray[np.int32]
    fixed: Floats
    principal: Floats
    rates: Floats
    gone: Bools

    @classmethod
    def of(cls, rows: Rows, weights: Floats) -> Shelf:
        """`weights` has a row per line and a column per kind: the loan-to-value at which one unit of value hits the line."""
        rows = rows[np.lexsort((rows["low"], rows["high"]))]
        high, low = rows["high"].astype(np.uint64), rows["low"].astype(np.uint64)
        first = np.ones(len(rows), np.bool_)
        first[1:] = (high[1:] != high[:-1]) | (low[1:] != low[:-1])
        starts = np.flatnonzero(first)
        heads = rows[starts]
        kinds = rows["kind"].astype(np.intp)
        keys = (heads["place"].astype(np.int64) << 32) + heads["since"].astype(np.int64)
        different, accrual_of = np.unique(keys, return_inverse=True)
        return cls(
            high=high[starts],
            low=low[starts],
            places=heads["place"].astype(np.int32),
            levels=heads["level"].astype(np.int8),
            rows=rows,
            book=Book(starts, kinds, weights[:, kinds] * rows["quantity"].astype(np.float64), np.zeros(len(starts))),
            accruals=tuple(_accrual(int(key)) for key in different),
            accrual_of=accrual_of.astype(np.int32),
            fixed=heads["fixed"].astype(np.float64),
            principal=heads["principal"].astype(np.float64),
            rates=heads["rate"].astype(np.float64),
            gone=np.zeros(len(starts), np.bool_),
        )

    def __len__(self) -> int:
        return len(self.high)

    @property
    def living(self) -> int:
        return int(len(self.gone) - np.count_nonzero(self.gone))

    def accrue(self, growth: Mapping[Accrual, tuple[float, float]]) -> None:
        """Bring the debts to a day: principal × (rate × the first number + the second)."""
        years = np.array([growth[one][0] for one in self.accruals] or [0.0])
        added = np.array([growth[one][1] for one in self.accruals] or [0.0])
        mine = self.accrual_of
        self.book.debts[:] = self.fixed + self.principal * (self.rates * years[mine] + added[mine])

    def remove(self, ids: Iterable[UUID]) -> None:
        for loan_id in ids:
            place = self._place(loan_id)
            if place is not None:
                self.gone[place] = True

    def _place(self, loan_id: UUID) -> int | None:
        high, low = np.uint64(loan_id.int >> 64), np.uint64(loan_id.int & (2**64 - 1))
        begin = int(np.searchsorted(self.high, high, "left"))
        for place in range(begin, len(self)):
            if self.high[place] != high:
                return None
            if self.low[place] == low:
                return place
        return None

    def kept_rows(self) -> Rows:
        """Of the loans that have not left."""
        sizes = np.diff(np.append(self.book.starts, len(self.rows)))
        kept: Rows = self.rows[np.repeat(~self.gone, sizes)]
        return kept

    def chosen(self, prices: Floats, slack: Floats) -> Ints:
        """The loans to decide exactly at these prices, by place; `prices` per kind, `slack` per product: 1 + its hysteresis.

        A loan that misses a price is none of them: it stays as it is. One that is better than its stored level is, unless the
        hysteresis keeps that level for certain.
        """
        found = ranks(self.book, prices)
        sure = found.certain == found.possible
        quiet = sure & (found.possible == self.levels) & (found.possible < _ACTUAL)
        better = sure & (found.possible < self.levels) & (self.levels <= _SHOWN_WORST) & found.priced & ~self.gone
        if better.any():
            quiet |= better & (self._held(prices, slack).certain >= self.levels)
        return np.flatnonzero(found.priced & ~quiet & ~self.gone)

    def _held(self, prices: Floats, slack: Floats) -> Ranks:
        return ranks(replace(self.book, debts=self.book.debts * slack[self.places]), prices)

    def ids(self, places: Ints) -> list[UUID]:
        pairs = zip(self.high[places].tolist(), self.low[places].tolist(), strict=True)
        return [UUID(int=(high << 64) | low) for high, low in pairs]


class Memory:
    """The whole book: one large shelf and one of those that changed since it was made."""

    def __init__(self) -> None:
        self._shelves: list[Shelf] = []

    def __len__(self) -> int:
        return sum(shelf.living for shelf in self._shelves)

    @property
    def shelves(self) -> Sequence[Shelf]:
        return self._shelves

    @property
    def accruals(self) -> frozenset[Accrual]:
        return frozenset(one for shelf in self._shelves for one in shelf.accruals)

    def rebuild(self, rows: Rows, weights: Floats) -> None:
        self._shelves = [Shelf.of(_live(rows), weights)]

    def take_in(self, rows: Rows, weights: Floats) -> Sequence[Shelf]:
        """Loans as they are now: they leave the shelves where they stood, and come back if they still run. Answers the new shelves."""
        changed = {(int(high) << 64) | int(low) for high, low in zip(rows["high"], rows["low"], strict=True)}
        ids = [UUID(int=number) for number in changed]
        for shelf in self._shelves:
            shelf.remove(ids)
        large, small = self._shelves[0], [shelf.kept_rows() for shelf in self._shelves[1:]]
        fresh = np.concatenate([*small, _live(rows)])
        if len(fresh) > max(COMPACT_FROM, len(large) // 4):
            self._shelves = [Shelf.of(np.concatenate([large.kept_rows(), fresh]), weights)]
            return self._shelves
        self._shelves = [large, Shelf.of(fresh, weights)]
        return self._shelves[1:]

    def loans_by_kind(self, kinds: int) -> NDArray[np.intp]:
        """How many running loans have collateral of each kind."""
        counted = np.zeros(kinds, np.intp)
        for shelf in self._shelves:
            counted += np.bincount(shelf.kept_rows()["kind"].astype(np.intp), minlength=kinds)
        return counted


def read_rows(copied: bytes) -> Rows:
    """What Postgres sent as a binary COPY: every column has a fixed width, so the rows lie at fixed distances."""
    fields: list[tuple[Any, ...]] = [("columns", ">i2")]
    for name in ROW.names or ():
        if name == "low":  # the second half of the id
            fields.append((name, ">u8"))
            continue
        fields += [(f"{name}_length", ">i4"), (name, ROW[name])]
    framed = np.dtype(fields)
    head, tail = 19, 2
    body = memoryview(copied)[head : len(copied) - tail]
    assert len(body) % framed.itemsize == 0, "a column was NULL or of another width"
    whole = np.frombuffer(body, framed)
    rows = np.empty(len(whole), ROW)
    for name in ROW.names or ():
        rows[name] = whole[name]
    return rows


def _live(rows: Rows) -> Rows:
    kept: Rows = rows[rows["live"] == 1]
    return kept


def _accrual(key: int) -> Accrual:
    return Accrual(key >> 32, DAY_ZERO + timedelta(days=key & 0xFFFFFFFF))
