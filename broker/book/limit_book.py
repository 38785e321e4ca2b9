"""Resting limit orders of one market in memory: an index that finds what a price triggers without looking at the rest.

Per venue (or `best`) and side a sorted map from price, in ticks, to a queue in time priority; the best limit is a look at one end. An
id index says which queued entry is alive: removing from the middle of a queue would be linear, so a removed order stays in its queue as
a dead entry until it is passed or too many lie there. The truth is the order rows; losing this loses nothing.

After an attempt that filled nothing an order starts again only on a price that it has not tried: a better one than it was started by, or
one beyond what the attempt reached for; and not before its time. The price is remembered here; after a restart the one stored with the
row stands in. The owner compares the book with the rows a stretch of accept_seq at a time.
"""

from __future__ import annotations

from bisect import insort
from collections import defaultdict
from collections.abc import Iterator, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field
from datetime import datetime
from decimal import ROUND_CEILING, ROUND_FLOOR, Decimal
from typing import NamedTuple
from uuid import UUID

from sortedcontainers import SortedDict

from broker.book import rules
from broker.book.compared import NOBODY, Compared
from broker.orders.rules import with_markup
from markets.instruments.service import Instrument
from markets.instruments.states import MarketStatus, Trigger
from markets.quotes.service import MarketView, VenueQuote

DEAD_ALLOWED = 16
TRIED_REMEMBERED = 100_000


class Resting(NamedTuple):
    """An order as the book needs it: what remains, and whether an attempt failed before. A tuple, for there may be a million."""

    id: UUID
    venue: str
    side: str
    limit: Decimal
    quantity: Decimal
    accept_seq: int
    tenant: UUID = NOBODY
    failed_price: Decimal | None = None
    failed_limit: Decimal | None = None
    rearm_at: datetime | None = None

    @property
    def weights(self) -> tuple[Decimal, Decimal]:
        return self.quantity, self.limit


@dataclass(slots=True)
class _Level:
    """One price: entries in time priority, dead ones among them, and how many live. A list: most prices have few orders."""

    queue: list[Resting] = field(default_factory=list)
    live: int = 0


@dataclass(slots=True)
class _Start:
    """What starts orders of one venue and side right now, and how much may be started."""

    price: Decimal
    quotes: tuple[VenueQuote, ...]


class LimitBook(Compared[Resting]):
    """Not thread-safe: its market's owner alone uses it. `instrument` may be replaced when an administrator changed the modes.

    With `probes`, an order in mode `last` starts even where no depth is shown at its limit (one order per venue, side and look): the
    print says that somebody traded there, and only an attempt can tell. Its plan must allow for that too.
    """

    def __init__(self, instrument: Instrument, *, probes: bool = False) -> None:
        super().__init__()
        self.instrument = instrument
        self._probes = probes
        self._tick = instrument.tick
        self._levels: dict[tuple[str, str], SortedDict] = {}
        self._tried: dict[UUID, Decimal] = {}

    def tenant_of(self, order_id: UUID) -> UUID:
        return self._index[order_id].tenant

    # ------------------------------------------------------------------------------------------------- add and remove
    def add(self, order: Resting) -> None:
        """Take in an order, at the place of its accept_seq; an order that is here already is replaced."""
        self.remove(order.id)
        if order.failed_price is None and self._tried:
            self._tried.pop(order.id, None)
        self._index[order.id] = order
        self._count(order)
        levels = self._levels.setdefault((order.venue, order.side), SortedDict())
        tick = self._key(order)
        level = levels.get(tick)
        if level is None:
            level = levels[tick] = _Level()
        _enqueue(level.queue, order)
        level.live += 1

    def load(self, orders: Sequence[Resting]) -> None:
        """Take in many orders that are not here yet, in time priority among themselves and after those that are."""
        ticks: dict[tuple[Decimal, str], int] = {}
        fresh: defaultdict[tuple[str, str], dict[int, _Level]] = defaultdict(dict)
        for order in orders:
            place = (order.limit, order.side)
            tick = ticks.get(place)
            if tick is None:
                tick = ticks[place] = self._key(order)
            key = (order.venue, order.side)
            level = fresh[key].get(tick)
            if level is None:
                known = self._levels.get(key)
                level = fresh[key][tick] = (known.get(tick) if known else None) or _Level()
            level.queue.append(order)
            level.live += 1
            self._index[order.id] = order
            self._count(order)
        for key, levels in fresh.items():
            self._levels.setdefault(key, SortedDict()).update(levels)

    def remove(self, order_id: UUID) -> bool:
        """Take an order out; False when it is not here."""
        order = self._index.pop(order_id, None)
        if order is None:
            return False
        self._discount(order)
        levels, tick = self._levels[order.venue, order.side], self._key(order)
        level: _Level = levels[tick]
        level.live -= 1
        if level.live == 0:
            del levels[tick]
        elif len(level.queue) > 2 * level.live + DEAD_ALLOWED:
            level.queue = [entry for entry in level.queue if self._alive(entry)]
        return True

    def best(self, venue: str, side: str) -> Decimal | None:
        """The limit that triggers first, on the tick."""
        levels = self._levels.get((venue, side))
        if not levels:
            return None
        return Decimal(levels.peekitem(-1 if side == "buy" else 0)[0]) * self._tick

    def _alive(self, entry: Resting) -> bool:
        return self._index.get(entry.id) is entry

    def _key(self, order: Resting) -> int:
        """The level, so that no order lies behind its limit: off the grid (the tick was changed) it is looked at too early."""
        rounding = ROUND_CEILING if order.side == "buy" else ROUND_FLOOR
        return int((order.limit / self._tick).to_integral_value(rounding=rounding))

    # ------------------------------------------------------------------------------------------------------- triggers
    def collect_triggered(
        self, view: MarketView, now: datetime, stopped: AbstractSet[UUID] = frozenset()
    ) -> list[Resting]:
        """The orders to start now, per venue and side by price and time, up to the depth that is shown for them.

        Orders stay in the book; the caller removes those it starts. Those that are `stopped` let others pass.
        """
        started: list[Resting] = []
        for (venue, side), start in self._starts(view):
            found = self._collect(venue, side, start, now, stopped)
            for order in found:
                self._remember(order.id, start.price)
            started.extend(found)
        return started

    def rearms_in_s(self, view: MarketView, now: datetime) -> float | None:
        """Seconds until an order that this view would start is allowed to, None when none waits for its time alone."""
        waits = [
            (order.rearm_at - now).total_seconds()
            for (venue, side), start in self._starts(view)
            for order in self._reached(venue, side, start.price)
            if order.rearm_at is not None and order.rearm_at > now and self._untried(order, start.price)
        ]
        return min(waits, default=None)

    def _starts(self, view: MarketView) -> Iterator[tuple[tuple[str, str], _Start]]:
        mode, markup = self.instrument.trigger, self.instrument.markup
        if self.instrument.status is not MarketStatus.TRADING:
            return
        for (venue, side), levels in self._levels.items():
            if not levels:
                continue
            quotes = view.tradable(venue)
            prices = [rules.starting_price(view, quote, side=side, mode=mode, markup=markup) for quote in quotes]
            price = rules.most_starting([p for p in prices if p is not None], side=side)
            if price is not None:
                yield (venue, side), _Start(price, quotes)

    def _reached(self, venue: str, side: str, price: Decimal) -> Iterator[Resting]:
        """Live orders that this price starts, best limit first, then first come."""
        levels = self._levels[venue, side]
        for tick in reversed(levels) if side == "buy" else iter(levels):
            if not rules.triggers(Decimal(tick) * self._tick, price, side=side, mode=self.instrument.trigger):
                return
            for order in levels[tick].queue:
                if self._alive(order) and rules.triggers(order.limit, price, side=side, mode=self.instrument.trigger):
                    yield order

    def _collect(
        self, venue: str, side: str, start: _Start, now: datetime, stopped: AbstractSet[UUID]
    ) -> list[Resting]:
        found: list[Resting] = []
        taken, depth, depth_at = Decimal(0), Decimal(0), None
        for order in self._reached(venue, side, start.price):
            if order.limit != depth_at:
                depth_at = order.limit
                depth = rules.executable_depth(start.quotes, order.limit, side=side, markup=self.instrument.markup)
                if found and taken >= depth:
                    break
            if order.id in stopped or not self._armed(order, start.price, now):
                continue
            if depth == 0 and not (self._probes and self.instrument.trigger is Trigger.LAST):
                break
            found.append(order)
            taken += order.quantity
            if taken >= depth:
                break
        return found

    def _armed(self, order: Resting, price: Decimal, now: datetime) -> bool:
        if order.rearm_at is not None and now < order.rearm_at:
            return False
        return self._untried(order, price)

    def _untried(self, order: Resting, price: Decimal) -> bool:
        if order.failed_price is None:
            return True
        tried = self._tried.get(order.id)
        if tried is None:  # after a restart: the venue's price stored with the row
            tried = self._as_starting_price(order.failed_price, order.side)
        if rules.better(price, tried, side=order.side):
            return True
        if order.failed_limit is None:
            return False
        return rules.better(self._as_starting_price(order.failed_limit, order.side), price, side=order.side)

    def _as_starting_price(self, at_venue: Decimal, side: str) -> Decimal:
        if self.instrument.trigger is Trigger.LAST:
            return at_venue
        return with_markup(at_venue, side=side, markup=self.instrument.markup)

    def not_tried(self, order_id: UUID) -> None:
        """A collected order was not started after all: the next look may start it at the same price."""
        self._tried.pop(order_id, None)

    def _remember(self, order_id: UUID, price: Decimal) -> None:
        self._tried.pop(order_id, None)
        self._tried[order_id] = price
        if len(self._tried) > TRIED_REMEMBERED:
            del self._tried[next(iter(self._tried))]


def _enqueue(queue: list[Resting], order: Resting) -> None:
    """At its place in time: mostly the end, or the front for an order that comes back with its old priority."""
    if not queue or order.accept_seq >= queue[-1].accept_seq:
        queue.append(order)
    elif order.accept_seq <= queue[0].accept_seq:
        queue.insert(0, order)
    else:
        insort(queue, order, key=_accepted)


def _accepted(order: Resting) -> int:
    return order.accept_seq
