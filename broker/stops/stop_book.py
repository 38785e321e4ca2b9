"""Stops of one market in memory: which ones does this price reach, without looking at the rest.

Fixed stops lie in a sorted map from price to ids, per venue and direction. Trailing stops that share a best price form one group, in it a
sorted map from trail to ids: a new best price merges all groups it passes into one, the smaller into the larger, so that following the
market costs little however many follow it. The truth is the order rows; what is lost with this process is at most the last second of
best prices that `take_moved` had not handed out yet.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from uuid import UUID

from sortedcontainers import SortedDict

from broker.book.compared import NOBODY, Compared
from broker.stops import rules
from markets.instruments.service import Instrument
from markets.instruments.states import MarketStatus
from markets.quotes.service import MarketView

_Side = tuple[str, bool]  # venue or `best`, and whether the stop waits for a rising price


@dataclass(frozen=True, slots=True, kw_only=True)
class Waiting:
    """A stop as the book needs it: a fixed price, or a trail and the best price so far."""

    id: UUID
    venue: str
    rising: bool
    accept_seq: int
    stop: Decimal | None = None
    amount: Decimal | None = None
    fraction: Decimal | None = None
    best: Decimal | None = None
    rearm_at: datetime | None = None
    tenant: UUID = NOBODY

    @property
    def weights(self) -> tuple[Decimal, Decimal]:
        """How far it waits, and in which way: a best price moves and is not counted."""
        for way, figure in enumerate((self.stop, self.amount, self.fraction), start=1):
            if figure is not None:
                return figure, Decimal(way if self.rising else -way)
        raise AssertionError("a stop has a price or a trail")


@dataclass(slots=True)
class _Followers:
    """Trailing stops with one best price."""

    best: Decimal
    amounts: SortedDict = field(default_factory=SortedDict)
    fractions: SortedDict = field(default_factory=SortedDict)
    ids: set[UUID] = field(default_factory=set)
    moved: bool = False

    def put(self, stop: Waiting) -> None:
        trails, trail = self._trail(stop)
        trails.setdefault(trail, set()).add(stop.id)
        self.ids.add(stop.id)

    def drop(self, stop: Waiting) -> None:
        trails, trail = self._trail(stop)
        trails[trail].discard(stop.id)
        if not trails[trail]:
            del trails[trail]
        self.ids.discard(stop.id)

    def _trail(self, stop: Waiting) -> tuple[SortedDict, Decimal]:
        return (self.amounts, stop.amount) if stop.amount is not None else (self.fractions, stop.fraction or Decimal(0))

    def reached(self, price: Decimal, *, rising: bool) -> Iterator[UUID]:
        away = price - self.best if rising else self.best - price
        for amount, ids in self.amounts.items():
            if amount > away:
                break
            yield from ids
        for fraction, ids in self.fractions.items():
            if fraction * self.best > away:
                break
            yield from ids


@dataclass(frozen=True, slots=True)
class Moved:
    """Trailing stops that follow a new best price."""

    best: Decimal
    rising: bool
    ids: list[UUID]


class StopBook(Compared[Waiting]):
    """The waiting stops of `instrument`. `ticks` looks in a row, at changed prices, must reach a stop before it starts."""

    def __init__(self, instrument: Instrument, *, ticks: int = 1) -> None:
        super().__init__()
        self.instrument = instrument
        self._ticks = ticks
        self._fixed: dict[_Side, SortedDict] = {}
        self._trailing: dict[_Side, SortedDict] = {}
        self._follows: dict[UUID, _Followers] = {}
        self._hits: dict[UUID, tuple[int, tuple[int, ...]]] = {}

    def clear(self) -> None:
        self.__init__(self.instrument, ticks=self._ticks)  # type: ignore[misc]

    def tenant_of(self, order_id: UUID) -> UUID:
        return self._index[order_id].tenant

    def best_of(self, order_id: UUID) -> Decimal | None:
        """The best price that a trailing stop follows."""
        group = self._follows.get(order_id)
        return None if group is None else group.best

    # ------------------------------------------------------------------------------------------------- add and remove
    def add(self, stop: Waiting) -> None:
        """Take in a stop; one that is here already is replaced, and a trailing one keeps the better best price."""
        known = self.best_of(stop.id)
        self.remove(stop.id)
        self._index[stop.id] = stop
        self._count(stop)
        side = (stop.venue, stop.rising)
        if stop.stop is not None:
            self._fixed.setdefault(side, SortedDict()).setdefault(stop.stop, set()).add(stop.id)
            return
        assert stop.best is not None
        best = stop.best if known is None else _better(stop.best, known, rising=stop.rising)
        group = self._group(side, best)
        group.put(stop)
        self._follows[stop.id] = group

    def remove(self, order_id: UUID) -> bool:
        """Take a stop out; False when it is not here."""
        stop = self._index.pop(order_id, None)
        self._hits.pop(order_id, None)
        if stop is None:
            return False
        self._discount(stop)
        side = (stop.venue, stop.rising)
        if stop.stop is not None:
            level = self._fixed[side][stop.stop]
            level.discard(order_id)
            if not level:
                del self._fixed[side][stop.stop]
            return True
        group = self._follows.pop(order_id)
        group.drop(stop)
        if not group.ids:
            del self._trailing[side][group.best]
        return True

    def _group(self, side: _Side, best: Decimal) -> _Followers:
        groups = self._trailing.setdefault(side, SortedDict())
        group: _Followers | None = groups.get(best)
        if group is None:
            group = groups[best] = _Followers(best)
        return group

    # ------------------------------------------------------------------------------------------------------- the market
    def look(self, view: MarketView, now: datetime) -> list[UUID]:
        """Follow the market, and name the stops that it has reached, in time priority. They stay until they are removed."""
        if self.instrument.status is not MarketStatus.TRADING:
            return []
        found: set[UUID] = set()
        for venue, rising in {*self._fixed, *self._trailing}:
            price = rules.watched_price(view, venue=venue, mode=self.instrument.trigger, rising=rising)
            if price is None:
                continue
            self._follow((venue, rising), price)
            found.update(self._reached((venue, rising), price))
        confirmed = self._confirmed(found, rules.evidence(view, mode=self.instrument.trigger))
        ready = [self._index[order_id] for order_id in confirmed]
        due = [stop for stop in ready if stop.rearm_at is None or stop.rearm_at <= now]
        return [stop.id for stop in sorted(due, key=lambda stop: stop.accept_seq)]

    def _follow(self, side: _Side, price: Decimal) -> None:
        groups, rising = self._trailing.get(side), side[1]
        if not groups:
            return
        passed = (
            list(groups.irange(minimum=price, inclusive=(False, True)))
            if rising
            else list(groups.irange(maximum=price, inclusive=(True, False)))
        )
        if not passed:
            return
        merging = [groups.pop(best) for best in passed]
        if price in groups:
            merging.append(groups.pop(price))
        target = max(merging, key=lambda group: len(group.ids))
        for group in merging:
            if group is not target:
                self._pour(group, target)
        target.best, target.moved = price, True
        groups[price] = target

    def _pour(self, source: _Followers, target: _Followers) -> None:
        for order_id in source.ids:
            target.put(self._index[order_id])
            self._follows[order_id] = target

    def _reached(self, side: _Side, price: Decimal) -> Iterator[UUID]:
        rising = side[1]
        fixed = self._fixed.get(side)
        if fixed:
            keys = fixed.irange(maximum=price) if rising else fixed.irange(minimum=price)
            for stop in keys:
                yield from fixed[stop]
        for group in self._trailing.get(side, {}).values():
            yield from group.reached(price, rising=rising)

    def _confirmed(self, found: set[UUID], seen: tuple[int, ...]) -> list[UUID]:
        if self._ticks <= 1:
            return list(found)
        hits: dict[UUID, tuple[int, tuple[int, ...]]] = {}
        for order_id in found:
            count, last = self._hits.get(order_id, (0, ()))
            hits[order_id] = (count, last) if last == seen and count else (count + 1, seen)
        self._hits = hits
        return [order_id for order_id, (count, _) in hits.items() if count >= self._ticks]

    def take_moved(self) -> list[Moved]:
        """Best prices that changed since the last call, for the rows."""
        moved = []
        for (_, rising), groups in self._trailing.items():
            for group in groups.values():
                if group.moved:
                    group.moved = False
                    moved.append(Moved(group.best, rising, sorted(group.ids)))
        return moved


def _better(one: Decimal, other: Decimal, *, rising: bool) -> Decimal:
    return min(one, other) if rising else max(one, other)
