"""The owner of one market: feeds → quotes → composite → limit book, all in this process's memory.

Nothing a trigger depends on crosses a lossy channel. The copy that the API reads goes to Valkey; triggers go to the database, which
decides again on each order. The book follows the order rows by the committed horizon; losing this process loses only memory.
"""

from __future__ import annotations

import asyncio
from collections import defaultdict
from collections.abc import Callable, Sequence
from uuid import UUID

import redis.asyncio
from sqlalchemy.exc import DBAPIError

from broker.book import service as book_service
from broker.book.limit_book import LimitBook, Resting, checksum_of
from broker.orders import queries, rules
from broker.orders.queries import Order
from broker.routing import rules as routing
from broker.routing.rules import Plan
from kernel import cache, clock, db, log
from kernel.leases import LeaseKeeper
from kernel.metrics import COMPOSITE_STATE
from kernel.wakes import Wakes
from markets.instruments import service as instruments
from markets.instruments.states import Trigger
from markets.quotes import service as quotes
from markets.quotes.service import MarketView
from markets.shard import MarketState
from venues.books import VenueBook

MIN_TICK_S = 0.05
HEARTBEAT_S = 0.5
AUDIT_EVERY_S = 60.0


class MarketShard:
    """`symbol`'s single owner while it holds the lease `market:<symbol>`."""

    def __init__(self, symbol: str, *, leases: LeaseKeeper, wakes: Wakes, venues: Sequence[str]) -> None:
        self.symbol, self.leases, self.wakes = symbol, leases, wakes
        self.lease = f"market:{symbol}"
        self.state = MarketState(instruments.get(symbol), venues=venues)
        self.book = LimitBook(instruments.get(symbol), probes=True)
        self.view: MarketView | None = None
        self._epoch: int | None = None
        self._since = 0
        self._tenants: dict[UUID, UUID] = {}
        self._audit_at = 0.0
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
                self._epoch = self.view = None  # nobody may plan on what this process saw when it was the owner
                continue
            try:
                await self.turn()
            except DBAPIError as error:
                self._log.warning("database_away", error=str(error.orig))
                await asyncio.sleep(0.5)
            await asyncio.sleep(MIN_TICK_S / 2)

    async def turn(self) -> int:
        """One look at everything: books, composite, changed orders, triggers. Returns how many orders were triggered."""
        async with self._busy:
            epoch = self.leases.epoch(self.lease)
            if epoch is None:
                return 0
            if epoch != self._epoch:
                await asyncio.to_thread(self._rebuild)
                self._epoch = epoch
            await asyncio.to_thread(self._follow_orders)
            self.view = self.state.tick(clock.monotonic(), clock.wall())
            COMPOSITE_STATE.labels(self.symbol).set(self.view.usable)
            await self._publish(self.view)
            return await self._trigger(self.view)

    async def _publish(self, view: MarketView) -> None:
        assert self._copies is not None
        try:
            async with self._copies.pipeline(transaction=False) as together:
                together.set(quotes.key(self.symbol), quotes.encode(view))
                together.publish(quotes.CHANGED, self.symbol)
                await together.execute()
        except cache.ERRORS as error:
            self._log.warning("copy_not_written", error=str(error))

    def _rebuild(self) -> None:
        with db.transaction() as tx:
            self._since, rows = queries.resting(tx, symbol=self.symbol)
        self.book.clear()
        for row in rows:
            self._take_in(row)
        self._log.info("book_rebuilt", orders=len(rows))

    def _follow_orders(self) -> None:
        """Apply what changed since the last horizon, the modes of the market included."""
        self.state.instrument = self.book.instrument = instruments.get(self.symbol)
        with db.transaction() as tx:
            horizon, rows = queries.changed(tx, symbol=self.symbol, since=self._since)
        for row in rows:
            self._take_in(row)
        self._since = horizon  # only now: a connection lost above must not skip what it was reading
        if clock.monotonic() > self._audit_at:
            self._audit()

    def _take_in(self, row: queries.BookRow) -> None:
        self.book.remove(row.id)
        if row.status != "resting":
            self._tenants.pop(row.id, None)
            return
        self._tenants[row.id] = row.tenant_id
        self.book.add(_resting(row))

    def _audit(self) -> None:
        """Compare the book with the rows; a difference means a bug or a lost row, and the book is rebuilt."""
        self._audit_at = clock.monotonic() + AUDIT_EVERY_S
        with db.transaction() as tx:
            _, rows = queries.resting(tx, symbol=self.symbol)
        if checksum_of(map(_resting, rows)) != self.book.checksum:
            self._log.warning("book_differs", rows=len(rows), book=len(self.book))
            self._rebuild()

    async def _trigger(self, view: MarketView) -> int:
        """Start what the view starts.

        An order leaves the book once the database has taken it: one that somebody else has locked at this moment, or whose transaction
        failed, is still there at the next turn.
        """
        triggered = self.book.collect_triggered(view, clock.wall())
        by_tenant: defaultdict[UUID, list[UUID]] = defaultdict(list)
        for order_id in triggered:
            by_tenant[self._tenants[order_id]].append(order_id)
        for tenant, ids in by_tenant.items():
            for start in range(0, len(ids), 200):
                chunk = ids[start : start + 200]
                await self._start(tenant, chunk)
        return len(triggered)

    async def _start(self, tenant: UUID, order_ids: Sequence[UUID]) -> None:
        taken: frozenset[UUID] = frozenset()
        try:
            started = await asyncio.to_thread(
                book_service.trigger, tenant=tenant, order_ids=order_ids, plan_of=self.plan
            )
            taken = started.taken
        finally:
            for order_id in order_ids:
                if order_id in taken:
                    self.book.remove(order_id)
                else:
                    self.book.not_tried(order_id)

    def rearms_in_s(self) -> float | None:
        """Seconds until an order that the present view would start is allowed to try again; None when none waits."""
        return self.book.rearms_in_s(self.view, clock.wall()) if self.view is not None else None

    def plan(self, order: Order, without: frozenset[str] = frozenset()) -> Plan:
        """How the rest of an order would be routed right now, by the view in memory."""
        view = self.view
        if view is None:
            return _nowhere(order)
        banded = rules.inside_band(order.protect_price, view=view, side=order.side, tick=self.state.instrument.tick)
        limit = rules.venue_limit(banded, side=order.side, markup=order.markup)
        return routing.plan(
            view,
            side=order.side,
            quantity=order.remaining,
            worst_price=limit,
            venue=order.venue,
            without=without,
            # In mode `last` a print starts the order at its limit, whatever the book shows there.
            even_without_depth=order.type == "limit" and self.state.instrument.trigger is Trigger.LAST,
        )


def _nowhere(order: Order) -> Plan:
    return Plan(legs=(), residual=order.remaining, evidence={})


def _resting(row: queries.BookRow) -> Resting:
    return Resting(
        id=row.id,
        venue=row.venue,
        side=row.side,
        limit=row.protect_price,
        quantity=row.remaining,
        accept_seq=row.accept_seq,
        failed_price=row.failed_price,
        rearm_at=row.rearm_at,
    )


Rerouter = Callable[[Order, frozenset[str]], Plan]


def rerouter(shards: dict[str, MarketShard]) -> Rerouter:
    """For the lanes: a fresh plan by the market's own view; an empty one where this process does not own the market."""

    def plan(order: Order, without: frozenset[str]) -> Plan:
        shard = shards.get(order.symbol)
        return shard.plan(order, without) if shard is not None else _nowhere(order)

    return plan
