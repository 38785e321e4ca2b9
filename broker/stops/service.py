"""From a reached stop to an order at work: the owner of a market names the stops, the database decides again on each.

A stop without a limit becomes a market order inside the protection band of this moment; one with a limit becomes a limit order, executed at
once as far as the market allows, the rest waits in the limit book. A stop for which nothing can be sent right now (no depth, no funds at
a venue) waits on and is tried again: its customer wants out, not an explanation.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from uuid import UUID

from broker.book import rules as triggers
from broker.book.audit import AUDIT_EVERY_S, Audit
from broker.book.service import Owner
from broker.execution.children import send_plan
from broker.orders import queries as orders
from broker.orders import rules as sizes
from broker.orders import steps
from broker.orders.queries import Order
from broker.orders.states import OrderStatus, RestsIn
from broker.routing import rules as routing
from broker.routing.rules import Plan
from broker.stops import queries, rules
from broker.stops.stop_book import StopBook, Waiting
from kernel import clock, db, leases, log
from kernel.db import Tx
from kernel.settings import settings
from markets.instruments.service import Instrument
from markets.instruments.states import Trigger
from markets.quotes.service import MarketView
from wallet_bridge.funds import service as funds

AT_ONCE = 200
TRY_AGAIN_S = 1.0
KEEP_BEST_EVERY_S = 1.0
_log = log.get("stops")
PlanOf = Callable[[Order, frozenset[str]], Plan]


class Stops:
    """The stops of one market in the memory of its owner. Synchronous: the owner calls it in a thread."""

    def __init__(self, instrument: Instrument) -> None:
        self.symbol = instrument.symbol
        self.book = StopBook(instrument, ticks=settings().stop_ticks)
        self._since = 0
        self._audits, self._audit_at = Audit(instrument.symbol, queries.WAITS), 0.0
        self._keep_at = 0.0

    def __len__(self) -> int:
        return len(self.book)

    def rebuild(self) -> None:
        """Read all waiting stops; called when the market's lease was won."""
        with db.transaction() as tx:
            self._since, rows = queries.waiting(tx, symbol=self.symbol)
        self.book.clear()
        for row in rows:
            self._take_in(row)

    def follow(self, instrument: Instrument) -> None:
        """Apply what changed since the last horizon, the modes of the market included."""
        self.book.instrument = instrument
        if clock.monotonic() > self._audit_at:
            self.audit()
            return
        with db.transaction() as tx:
            horizon, rows = queries.changed(tx, symbol=self.symbol, since=self._since)
        for row in rows:
            self._take_in(row)
        self._since = horizon

    def audit(self) -> None:
        """Take in what changed and compare a stretch of the book with the rows, in one snapshot; one that differs is read again."""
        self._audit_at = clock.monotonic() + AUDIT_EVERY_S
        with db.transaction(repeatable=True) as tx:
            horizon, rows = queries.changed(tx, symbol=self.symbol, since=self._since)
            for row in rows:
                self._take_in(row)
            self._since = horizon
            differs = self._audits.next(tx, self.book)
            if differs is None:
                return
            found = queries.of_stretch(tx, symbol=self.symbol, first=differs[0], last=differs[1])
        self.book.replace_stretch(differs[0], map(_waiting, found))

    def turn(self, view: MarketView, *, plan_of: PlanOf | None = None, owner: Owner | None = None) -> int:
        """One look at the market; returns how many stops were started."""
        if not len(self.book):
            return 0
        reached = self.book.look(view, clock.wall())
        self._keep_best(at_once=bool(reached))
        by_tenant: defaultdict[UUID, list[UUID]] = defaultdict(list)
        for order_id in reached:
            by_tenant[self.book.tenant_of(order_id)].append(order_id)
        started = 0
        for tenant, ids in by_tenant.items():
            for first in range(0, len(ids), AT_ONCE):
                taken = start(
                    tenant=tenant,
                    order_ids=ids[first : first + AT_ONCE],
                    view=view,
                    instrument=self.book.instrument,
                    plan_of=plan_of,
                    owner=owner,
                )
                for order_id in taken:
                    self.book.remove(order_id)
                started += len(taken)
        return started

    def _take_in(self, row: queries.StopRow) -> None:
        if row.waits:
            self.book.add(_waiting(row))
        else:
            self.book.remove(row.id)

    def _keep_best(self, *, at_once: bool) -> None:
        """Best prices go to the rows once a second, and before anything is started by them: a restart loses a second at most."""
        if not at_once and clock.monotonic() < self._keep_at:
            return
        self._keep_at = clock.monotonic() + KEEP_BEST_EVERY_S
        for moved in self.book.take_moved():
            for first in range(0, len(moved.ids), 5_000):
                with db.transaction() as tx:
                    queries.follow(tx, best=moved.best, rising=moved.rising, order_ids=moved.ids[first : first + 5_000])


def _waiting(row: queries.StopRow) -> Waiting:
    return Waiting(
        id=row.id,
        venue=row.venue,
        rising=rules.waits_for_rise(side=row.side, kind=row.type),
        accept_seq=row.accept_seq,
        stop=row.stop_price,
        amount=row.trail_amount,
        fraction=row.trail_fraction,
        best=row.trail_best,
        rearm_at=row.rearm_at,
        tenant=row.tenant_id,
    )


def start(
    *,
    tenant: UUID,
    order_ids: Sequence[UUID],
    view: MarketView,
    instrument: Instrument,
    plan_of: PlanOf | None = None,
    owner: Owner | None = None,
) -> list[UUID]:
    """Take reached stops out of their rest; the ids of those that were still there. `plan_of` is the owner's view in memory, no I/O."""

    def use_case() -> list[UUID]:
        with db.transaction(tenant=tenant) as tx:
            if owner is not None and not leases.still_held(
                tx, name=owner.lease, holder=owner.holder, epoch=owner.epoch
            ):
                return []  # this process stood still; the price that it saw is of the past
            waiting = orders.lock_resting(tx, order_ids, rests_in=RestsIn.STOPS)
            for order in waiting:
                _start(tx, order, view, instrument, plan_of)
        return [order.id for order in waiting]

    return db.retrying(use_case)


def _start(tx: Tx, order: Order, view: MarketView, instrument: Instrument, plan_of: PlanOf | None) -> None:
    agreed = order.protect_price
    if not order.has_limit:
        agreed = rules.worst_price_now(view, agreed=agreed, side=order.side, tick=instrument.tick)
    plans = plan_of or _planner(view, instrument)
    ready = _with(order, agreed)
    executable = not order.has_limit or triggers.triggers_now(
        view, side=order.side, limit=order.protect_price, venue=order.venue, instrument=instrument
    )
    plan = plans(ready, frozenset()) if executable else None
    if not order.has_limit and (plan is None or not plan.legs):
        _wait_on(tx, order)
        return
    steps.move(tx, order, OrderStatus.TRIGGERED)
    triggered = _with(orders.lock(tx, order.id), agreed)
    sent = None
    if plan is not None and plan.legs:
        sent = send_plan(tx, order=triggered, plan=plan, replan=lambda dry: plans(ready, dry))
        for shortage in sent.shortages:
            funds.note_shortage(tx, shortage)
    if sent is not None and sent.venues:
        reached = {"stopped_at": tx.now, "rests_in": RestsIn.BOOK.value, "protect_price": agreed, "rearm_at": None}
        steps.move(tx, triggered, OrderStatus.WORKING, reason="the stop was reached", **reached)
    elif order.has_limit:
        reached = {"stopped_at": tx.now, "rests_in": RestsIn.BOOK.value, "rearm_at": None}
        steps.move(tx, triggered, OrderStatus.RESTING, reason="the stop was reached", **reached)
        steps.wake_market(tx, order.symbol)
    else:
        steps.move(tx, triggered, OrderStatus.RESTING, rearm_at=clock.wall() + timedelta(seconds=TRY_AGAIN_S))


def _wait_on(tx: Tx, order: Order) -> None:
    _log.warning("stop_finds_no_venue", order=order.id, symbol=order.symbol)
    orders.amend(
        tx, order.id, loses_priority=False, rearm_at=clock.wall() + timedelta(seconds=TRY_AGAIN_S)
    )  # its turn comes again, and the rows say when


def _with(order: Order, protect_price: Decimal) -> Order:
    """The order as it is planned with: the protection of this moment."""
    return replace(order, protect_price=protect_price)


def _planner(view: MarketView, instrument: Instrument) -> PlanOf:
    def plan(order: Order, without: frozenset[str]) -> Plan:
        banded = sizes.inside_band(order.protect_price, view=view, side=order.side, tick=instrument.tick)
        return routing.plan(
            view,
            side=order.side,
            quantity=order.wanted,
            worst_price=sizes.venue_limit(banded, side=order.side, markup=order.markup),
            venue=order.venue,
            without=without,
            even_without_depth=order.has_limit and instrument.trigger is Trigger.LAST,
        )

    return plan
