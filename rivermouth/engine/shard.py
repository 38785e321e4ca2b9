"""The owner of one market: feeds → quotes → composite → limit book, all in this process's memory.

Nothing a trigger depends on crosses a lossy channel. The copy that the API reads goes to Valkey; triggers go to the database, which
decides again on each order. The book follows the order rows by the committed horizon; losing this process loses only memory, and a
successor reads the book while it shows prices already.
"""

from __future__ import annotations

import asyncio
import gc
from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from decimal import Decimal
from uuid import UUID

import redis.asyncio
from sqlalchemy.exc import DBAPIError

from broker.book import queries as book_queries
from broker.book import service as book_service
from broker.book.audit import AUDIT_EVERY_S, Audit
from broker.book.limit_book import LimitBook, Resting
from broker.book.queries import Change
from broker.book.taken import Taken
from broker.controls import service as controls
from broker.orders import rules
from broker.orders.queries import Order
from broker.routing import rules as routing
from broker.routing.rules import Plan
from broker.routing.service import Rooms
from broker.stops.service import Stops
from kernel import cache, clock, db, log
from kernel.leases import LeaseKeeper
from kernel.metrics import COMPOSITE_STATE
from kernel.wakes import Wakes
from markets.guards import service as guards
from markets.instruments import service as instruments
from markets.instruments.service import Instrument
from markets.instruments.states import Trigger
from markets.quotes import service as quotes
from markets.quotes.service import MarketView
from markets.shard import MarketState
from venues.books import VenueBook

MIN_TICK_S = 0.05
HEARTBEAT_S = 0.5


class MarketShard:
    """`symbol`'s single owner while it holds the lease `market:<symbol>`."""

    def __init__(self, symbol: str, *, leases: LeaseKeeper, wakes: Wakes, venues: Sequence[str]) -> None:
        self.symbol, self.leases, self.wakes = symbol, leases, wakes
        self.lease = f"market:{symbol}"
        self.state = MarketState(instruments.get(symbol), venues=venues)
        self.book = LimitBook(instruments.get(symbol), probes=True)
        self.stops = Stops(instruments.get(symbol))
        self.view: MarketView | None = None
        self.rooms = Rooms()
        self.closed: Callable[[], frozenset[str]] = frozenset  # venues that would not take an order now
        self._epoch: int | None = None
        self._reading: asyncio.Task[None] | None = None
        self._since = 0
        self._gone = Taken()
        self._audit_at = 0.0
        self._audits = Audit(symbol, book_queries.LIMITS)
        self._busy = asyncio.Lock()
        self._copies: redis.asyncio.Redis | None = None
        self._log = log.get("shard").bind(symbol=symbol)
        leases.want(self.lease)

    def on_book(self, book: VenueBook) -> None:
        """A feed hands over a book; the next turn sees it."""
        self.state.on_book(book)
        self.wakes.event(self._channel).set()

    @property
    def _channel(self) -> str:
        return f"rm:market:{self.symbol}"

    async def run(self) -> None:
        self._copies = cache.async_client()
        while True:
            await self.wakes.wait(self._channel, MIN_TICK_S)
            if self.leases.epoch(self.lease) is None:
                self._epoch = self.view = self._reading = None  # nobody may plan on what this process saw as the owner
                continue
            try:
                await self.turn()
            except DBAPIError as error:
                self._log.warning("database_away", error=str(error.orig))
                await asyncio.sleep(0.5)
            await asyncio.sleep(MIN_TICK_S / 2)

    async def turn(self) -> int:
        """One look at everything: books, composite, changed orders, triggers. Returns how many orders were triggered.

        While the book is being read after a change of hands, prices are shown and nothing is started.
        """
        async with self._busy:
            epoch = self.leases.epoch(self.lease)
            if epoch is None:
                return 0
            if epoch != self._epoch:
                self._take_over(epoch)
            ready = self.ready
            if ready:
                await asyncio.to_thread(self._follow_orders)
            self.view = routing.closing(self.state.tick(clock.monotonic(), clock.wall()), self.closed())
            COMPOSITE_STATE.labels(self.symbol).set(self.view.usable)
            await self._publish(self.view)
            self.view = controls.allowed(self.view)
            if not ready or not controls.market_open(self.symbol):
                return 0
            buys = controls.market_open(self.symbol, opening=True)  # else what wants to buy waits
            triggered = await self._trigger(self.view, epoch, buys=buys)
            return triggered + await asyncio.to_thread(self._start_stops, self.view, epoch)

    def _start_stops(self, view: MarketView, epoch: int) -> int:
        """After the limits, so that those lose no time to it."""
        self.stops.follow(self.state.instrument)
        return self.stops.turn(view, plan_of=self.plan_stop, owner=self._owner(epoch))

    def _owner(self, epoch: int) -> book_service.Owner:
        return book_service.Owner(self.lease, self.leases.holder, epoch)

    @property
    def ready(self) -> bool:
        """Whether the book is whole: it was read since this process became the owner."""
        if self._reading is None or not self._reading.done():
            return False
        if self._reading.cancelled() or self._reading.exception() is not None:
            self._log.warning(
                "book_not_read", error=repr(None if self._reading.cancelled() else self._reading.exception())
            )
            self._reading = asyncio.create_task(asyncio.to_thread(self._read_book))
            return False
        return True

    def _take_over(self, epoch: int) -> None:
        self._epoch = epoch
        self._reading = asyncio.create_task(asyncio.to_thread(self._read_book))

    async def _publish(self, view: MarketView) -> None:
        assert self._copies is not None
        try:
            async with self._copies.pipeline(transaction=False) as together:
                together.set(quotes.key(self.symbol), quotes.encode(view))
                together.publish(quotes.CHANGED, self.symbol)
                await together.execute()
        except cache.ERRORS as error:
            self._log.warning("copy_not_written", error=str(error))

    def _read_book(self) -> None:
        """Read all that rests into a new book. The garbage collector would look through a million new entries again and again."""
        began = clock.monotonic()
        self.stops.rebuild()
        book = LimitBook(self.state.instrument, probes=True)
        gc.disable()
        try:
            with db.read_only(unlimited=True) as tx:
                since = book_queries.horizon(tx)
                for page in book_queries.resting(tx, symbol=self.symbol):
                    book.load(page)
        finally:
            gc.enable()
        self.book, self._since = book, since
        self._log.info("book_rebuilt", orders=len(book), took_s=round(clock.monotonic() - began, 3))

    def _follow_orders(self) -> None:
        """Apply what changed since the last horizon, the modes of the market included."""
        self.state.instrument = self.book.instrument = instruments.get(self.symbol)
        self.rooms.refresh()
        self.state.guards = guards.of(self.symbol)
        self.state.set_maintenance(controls.venues_in_maintenance())
        if clock.monotonic() > self._audit_at:
            self._audit()
            return
        with db.transaction() as tx:
            horizon, changes = book_queries.changed(tx, symbol=self.symbol, since=self._since)
        self._take_in(changes)
        self._since = horizon  # only now: a connection lost above must not skip what it was reading

    def _take_in(self, changes: Sequence[Change]) -> None:
        for change in changes:
            if change.order is None:
                self.book.remove(change.id)
            else:
                self.book.add(change.order)

    def _audit(self) -> None:
        """Take in what changed and compare a stretch of the book with the rows, in one snapshot; one that differs is read again."""
        self._audit_at = clock.monotonic() + AUDIT_EVERY_S
        with db.transaction(repeatable=True) as tx:
            horizon, changes = book_queries.changed(tx, symbol=self.symbol, since=self._since)
            self._take_in(changes)
            self._since = horizon
            differs = self._audits.next(tx, self.book)
            if differs is None:
                return
            found = book_queries.of_stretch(tx, symbol=self.symbol, first=differs[0], last=differs[1])
        self.book.replace_stretch(differs[0], found)

    async def _trigger(self, view: MarketView, epoch: int, *, buys: bool = True) -> int:
        """Start what the view starts, as few venue orders as the depth allows.

        An order leaves the book once the database has taken it: one that somebody else has locked at this moment, or that the plan did
        not reach, or whose transaction failed, is still there at the next turn.
        """
        taken = 0
        for group in _alike(self.book.collect_triggered(self._shown(view), clock.wall(), controls.stopped_orders())):
            if group[0].side == "buy" and not buys:
                for order in group:
                    self.book.not_tried(order.id)
                continue
            for start in range(0, len(group), book_service.MOST_AT_ONCE):
                chunk = group[start : start + book_service.MOST_AT_ONCE]
                done = await self._start(chunk, epoch)
                taken += len(done)
                if len(done) < len(chunk):
                    for order in group[start + len(chunk) :]:
                        self.book.not_tried(order.id)
                    break  # the depth is used up, or somebody else is at work: the next turn knows more
        return taken

    def _shown(self, view: MarketView) -> MarketView:
        return self._gone.without(view, now=clock.monotonic())

    async def _start(self, orders: Sequence[Resting], epoch: int) -> frozenset[UUID]:
        taken: frozenset[UUID] = frozenset()
        owner = self._owner(epoch)
        try:
            started = await asyncio.to_thread(
                book_service.trigger,
                tenant=orders[0].tenant,
                order_ids=[order.id for order in orders],
                plan_of=self.plan_all,
                owner=owner,
            )
            taken = started.taken
            self._gone.add(started.legs, side=orders[0].side, now=clock.monotonic())
        finally:
            for order in orders:
                if order.id in taken:
                    self.book.remove(order.id)
                else:
                    self.book.not_tried(order.id)
        return taken

    def rearms_in_s(self) -> float | None:
        """Seconds until an order that the present view would start is allowed to try again; None when none waits."""
        if self.view is None:
            return None
        waits = (self.book.rearms_in_s(self.view, clock.wall()), self._gone.ends_in_s(now=clock.monotonic()))
        return min((wait for wait in waits if wait is not None), default=None)

    def plan(self, order: Order, without: frozenset[str] = frozenset()) -> Plan:
        """How the rest of an order would be routed right now, by the view in memory."""
        return nowhere(order) if self.view is None else self._plan_one(self.view, order, without)

    def plan_stop(self, order: Order, without: frozenset[str]) -> Plan:
        """Like `plan`, but each stop of a cascade gets depth of its own; one for which none is left waits, it does not end empty."""
        if self.view is None:
            return nowhere(order)
        plan = self._plan_one(self._shown(self.view), order, without)
        self._gone.add(plan.legs, side=order.side, now=clock.monotonic())
        return plan

    def _plan_one(self, view: MarketView, order: Order, without: frozenset[str]) -> Plan:
        if not controls.may_start(tenant=order.tenant_id, owner=order.owner_id, symbol=order.symbol, side=order.side):
            return nowhere(order)
        return plan_by(view, self.state.instrument, [order], without, room=self._room(order))

    def plan_all(self, orders: Sequence[Order], without: frozenset[str]) -> Plan:
        """One plan for what these resting orders want together, without the depth that was just reached for."""
        if self.view is None:
            return nowhere(*orders)
        return plan_by(self._shown(self.view), self.state.instrument, orders, without, room=self._room(orders[0]))

    def _room(self, order: Order) -> Mapping[str, routing.Room] | None:
        return self.rooms.copy(order.tenant_id, order.quote_asset if order.side == "buy" else order.base_asset)


def plan_by(
    view: MarketView,
    instrument: Instrument,
    orders: Sequence[Order],
    without: frozenset[str],
    *,
    room: Mapping[str, routing.Room] | None = None,
) -> Plan:
    """One plan for orders of one side and choice of venue, within the tightest of their limits and of our `room` at the venues."""
    first = orders[0]
    worst = [
        rules.venue_limit(
            rules.inside_band(order.protect_price, view=view, side=order.side, tick=instrument.tick),
            side=order.side,
            markup=order.markup,
        )
        for order in orders
    ]
    worst_price = min(worst) if first.side == "buy" else max(worst)
    quantity = sum((order.wanted for order in orders), Decimal(0))
    fok = first.time_in_force == "fok"  # never rests, so it is always alone
    return routing.plan(
        view,
        side=first.side,
        quantity=quantity,
        worst_price=worst_price,
        venue=first.venue,
        without=without,
        room=room,
        # In mode `last` a print starts the order at its limit, whatever the book shows there.
        even_without_depth=first.has_limit and instrument.trigger is Trigger.LAST and not fok,
        whole=fok,
    )


def nowhere(*orders: Order) -> Plan:
    return Plan(legs=(), residual=sum((order.remaining for order in orders), Decimal(0)), evidence={})


def _alike(orders: Sequence[Resting]) -> list[list[Resting]]:
    """Orders that may go out together, in the order in which they were collected."""
    groups: defaultdict[tuple[UUID, str, str], list[Resting]] = defaultdict(list)
    for order in orders:
        groups[order.tenant, order.venue, order.side].append(order)
    return list(groups.values())
