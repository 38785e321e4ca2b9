"""Slices by the clock: each due slice sends what its target still lacks, by the market's copy as any process may read it.

A slice that cannot be sent now (no depth within the price, no funds at a venue) is skipped: the next one's target includes it. While an
earlier slice is still out the next one waits for it. After the last slice the order ends, whatever is left.
"""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from functools import partial
from typing import Any
from uuid import UUID

from broker.algos import queries
from broker.algos.queries import SliceRow
from broker.controls import service as controls
from broker.execution.children import send_plan
from broker.orders import queries as orders
from broker.orders import rules, steps
from broker.orders.queries import Order
from broker.orders.states import ORDER, OrderStatus, RestsIn
from broker.routing import rules as routing
from kernel import db, log
from kernel.db import Tx
from kernel.errors import DomainError
from markets.instruments import service as instruments
from markets.instruments.states import MarketStatus
from markets.quotes import service as quotes
from markets.quotes.service import MarketView
from wallet_bridge.funds import service as funds

AT_ONCE = 200
NOTHING = "nothing to be had within the price, or trading stood still"
_log = log.get("algos")


def start_due(*, limit: int = AT_ONCE) -> int:
    """Send the slices whose time has come, each order in a transaction of its tenant. For the engine; returns how many were sent."""
    with db.read_only() as tx:
        waiting = queries.due(tx, limit=limit)
    sent = 0
    for tenant, order_id, symbol in waiting:
        sent += run_slice(tenant=tenant, order_id=order_id, view=_view(symbol))
    return sent


def _view(symbol: str) -> MarketView | None:
    """The market as it may be believed now; None while it is paused or nobody owns it."""
    try:
        if instruments.get(symbol).status is not MarketStatus.TRADING:
            return None
        return quotes.load(symbol)
    except DomainError as away:
        _log.warning("no_view_for_slices", symbol=symbol, code=away.code)
        return None


def run_slice(*, tenant: UUID, order_id: UUID, view: MarketView | None) -> bool:
    """Send what the latest due slice of this order lacks; False when nothing went out."""
    tick = instruments.get(view.symbol).tick if view is not None else None

    def use_case() -> bool:
        with db.transaction(tenant=tenant) as tx:
            order = orders.lock(tx, order_id)
            return _run(tx, order, view, tick)

    return db.retrying(use_case)


def _run(tx: Tx, order: Order, view: MarketView | None, tick: Decimal | None) -> bool:
    planned = queries.planned(tx, order.id)
    due = [each for each in planned if each.due_at <= tx.now]
    if OrderStatus(order.status) in ORDER.terminal:
        queries.finish(tx, order.id, [each.number for each in planned], status="dropped", reason="the order has ended")
        return False
    if not due or order.status != OrderStatus.RESTING or order.rests_in != RestsIn.CLOCK:
        return False
    current, left = due[-1], len(planned) - len(due)
    queries.finish(tx, order.id, [each.number for each in due[:-1]], status="skipped", reason="the next one was due")
    if order.cancel_requested_at is None and _send(tx, order, current, left, view, tick):
        queries.finish(tx, order.id, [current.number], status="sent")
        return True
    queries.finish(tx, order.id, [current.number], status="skipped", reason=NOTHING)
    if left == 0:
        steps.close(tx, order, OrderStatus.CANCELLED, "the last slice is over")
    else:
        orders.amend(tx, order.id, loses_priority=False, slices_left=left)
    return False


def _send(tx: Tx, order: Order, current: SliceRow, left: int, view: MarketView | None, tick: Decimal | None) -> bool:
    wanted = min(current.target - order.filled_quantity, order.remaining)
    if view is None or tick is None or wanted <= 0:
        return False
    if not controls.may_start(tenant=order.tenant_id, owner=order.owner_id, symbol=order.symbol, side=order.side):
        return False
    view = controls.allowed(view, tenant=order.tenant_id)
    banded = rules.inside_band(order.protect_price, view=view, side=order.side, tick=tick)
    asked: dict[str, Any] = {
        "side": order.side,
        "quantity": wanted,
        "worst_price": rules.venue_limit(banded, side=order.side, markup=order.markup),
        "venue": order.venue,
    }
    replan = partial(_plan, view, asked)
    plan = replan(frozenset())
    if not plan.legs:
        return False
    sent = send_plan(tx, order=replace(order, slice_target=current.target), plan=plan, replan=replan)
    for shortage in sent.shortages:
        funds.note_shortage(tx, shortage)
    if not sent.venues:
        return False
    steps.move(tx, order, OrderStatus.TRIGGERED)
    triggered = orders.lock(tx, order.id)
    steps.move(tx, triggered, OrderStatus.WORKING, slices_left=left, slice_target=current.target)
    return True


def _plan(view: MarketView, asked: dict[str, Any], without: frozenset[str]) -> routing.Plan:
    return routing.plan(view, without=without, **asked)
