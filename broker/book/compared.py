"""A book in memory that can be compared with its rows: entries by id, and what they add up to per stretch of accept numbers.

Equal sets have equal sums, and no likely mistake leaves all five as they were. A stretch that differs is made what the rows say.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterable
from decimal import Decimal
from typing import Generic, NamedTuple, Protocol, TypeVar
from uuid import UUID

STRETCH_BITS = 16
NOBODY = UUID(int=0)


class Entry(Protocol):
    """`weights` are two figures that say what an order is, as the database can sum them too."""

    @property
    def id(self) -> UUID: ...

    @property
    def accept_seq(self) -> int: ...

    @property
    def weights(self) -> tuple[Decimal, Decimal]: ...


E = TypeVar("E", bound=Entry)


class Sums(NamedTuple):
    """What a set of orders adds up to: their count, their accept numbers, the first figure, and both figures by accept number."""

    orders: int
    sequence: Decimal
    first: Decimal
    second_by_sequence: Decimal
    first_by_sequence: Decimal

    @classmethod
    def of(cls, orders: Iterable[Entry]) -> Sums:
        total = _Sums()
        for order in orders:
            total.add(order, 1)
        return total.frozen()

    def minus(self, other: Sums) -> Sums:
        return Sums(
            self.orders - other.orders,
            self.sequence - other.sequence,
            self.first - other.first,
            self.second_by_sequence - other.second_by_sequence,
            self.first_by_sequence - other.first_by_sequence,
        )


class _Sums:
    """Sums that change with every order."""

    __slots__ = ("count", "first", "first_by_sequence", "second_by_sequence", "sequence")

    def __init__(self) -> None:
        self.count = self.sequence = 0
        self.first = self.second_by_sequence = self.first_by_sequence = Decimal(0)

    def add(self, order: Entry, sign: int) -> None:
        sequence = sign * order.accept_seq
        first, second = order.weights
        self.count += sign
        self.sequence += sequence
        self.first += first if sign > 0 else -first
        self.second_by_sequence += sequence * second
        self.first_by_sequence += sequence * first

    def frozen(self) -> Sums:
        return Sums(self.count, Decimal(self.sequence), self.first, self.second_by_sequence, self.first_by_sequence)


class Compared(ABC, Generic[E]):
    """What every book has; whoever puts an entry into `_index` or takes it out counts it."""

    def __init__(self) -> None:
        self._index: dict[UUID, E] = {}
        self._sums: dict[int, _Sums] = {}

    @abstractmethod
    def add(self, order: E) -> None:
        """Take in an order; one that is here already is replaced."""

    @abstractmethod
    def remove(self, order_id: UUID) -> bool:
        """Take an order out; False when it is not here."""

    def __len__(self) -> int:
        return len(self._index)

    def __contains__(self, order_id: UUID) -> bool:
        return order_id in self._index

    def ids(self) -> Iterable[UUID]:
        return self._index.keys()

    def next_stretch(self, after: int, row: int | None = None) -> tuple[int, int] | None:
        """First and last accept_seq of the next stretch behind `after` in which orders rest: here, or in the rows, from `row` on."""
        numbers = [n for n in self._sums if n > after >> STRETCH_BITS]
        if row is not None:
            numbers.append(row >> STRETCH_BITS)
        return (min(numbers) << STRETCH_BITS, ((min(numbers) + 1) << STRETCH_BITS) - 1) if numbers else None

    def sums(self, first: int, without: Iterable[UUID] = ()) -> Sums:
        """What the stretch that begins with `first` adds up to, some orders left out of account."""
        number = first >> STRETCH_BITS
        total, left_out = self._sums.get(number, _Sums()).frozen(), _Sums()
        for order_id in without:
            order = self._index.get(order_id)
            if order is not None and order.accept_seq >> STRETCH_BITS == number:
                left_out.add(order, 1)
        return total.minus(left_out.frozen())

    def replace_stretch(self, first: int, orders: Iterable[E]) -> None:
        """Make a stretch what the rows say."""
        number, right = first >> STRETCH_BITS, {order.id: order for order in orders}
        here = [order.id for order in self._index.values() if order.accept_seq >> STRETCH_BITS == number]
        for order_id in here:
            if order_id not in right:
                self.remove(order_id)
        for order in right.values():
            self.add(order)

    def _count(self, order: E) -> None:
        number = order.accept_seq >> STRETCH_BITS
        sums = self._sums.get(number)
        if sums is None:
            sums = self._sums[number] = _Sums()
        sums.add(order, 1)

    def _discount(self, order: E) -> None:
        number = order.accept_seq >> STRETCH_BITS
        sums = self._sums[number]
        sums.add(order, -1)
        if sums.count == 0:
            del self._sums[number]
