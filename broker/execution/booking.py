"""Booking what a venue filled: each new trade once, cut into slices for the orders that its child serves, first come first served.

An order takes no more than its share of the child and no more than it still wants, and nothing once it is closed; what nobody can take
is a position of the house, an incident. A child may serve thousands: captures, journals, sums and events are one statement each.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Any
from uuid import UUID

from broker.execution import postings, queries
from broker.execution.postings import CustomerSide, FillFacts, Slice
from broker.execution.rules import Costs, serve, slices_of_costs
from broker.fees import rules as fees
from broker.orders import events, rules
from broker.orders import queries as order_queries
from broker.orders.queries import Child, Order
from broker.orders.states import ORDER, OrderStatus
from kernel import log, outbox
from kernel.db import Tx
from kernel.ids import uuid7
from kernel.money import ceil_to_scale, half_even_to_scale
from payments.assets import service as assets
from payments.holds import service as holds
from venues.gateway import VenueFill
from wallet_bridge.funds import service as funds

_log = log.get("execution")


@dataclass(slots=True)
class _Served:
    """An order while the trades of one report are cut: its sums so far, and what is left of its share."""

    order: Order
    left: Decimal
    before: Order

    @property
    def wants(self) -> Decimal:
        closed = OrderStatus(self.order.status) in ORDER.terminal
        return Decimal(0) if closed else min(self.left, self.order.remaining)


def book(tx: Tx, child: Child, orders: Sequence[Order], fills: Sequence[VenueFill]) -> list[Order]:
    """Book the trades that are new; returns the orders with their new sums, in the order given."""
    known = queries.booked_trades(tx, child.id)
    new = [fill for fill in fills if fill.trade_id not in known]
    if not new:
        return list(orders)
    shares = {share.order_id: share.left for share in queries.allocations(tx, child.id)}
    served = {order.id: _Served(order, shares[order.id], order) for order in orders}
    ranked = [served[order_id] for order_id in shares]
    slices: list[tuple[VenueFill, Slice]] = []
    executions = []
    for fill in new:
        costs, fee_asset = _costs(child, ranked[0].order, fill)
        slices += [(fill, each) for each in _cut(child, ranked, fill, costs, fee_asset)]
        executions.append(_execution(child, fill, costs, fee_asset))
    _capture(tx, [each for _, each in slices], served)
    journals = postings.post_slices(tx, [each for _, each in slices])
    queries.insert_executions(tx, executions)
    rows = [_row(child, fill, each, journal) for (fill, each), journal in zip(slices, journals, strict=True)]
    queries.insert_fills(tx, rows)
    _add_up(tx, child, new, executions, served)
    _tell(tx, child, slices, served)
    return [served[order.id].order for order in orders]


def _costs(child: Child, order: Order, fill: VenueFill) -> tuple[Costs, str]:
    """What the venue took, as our books can hold it: venues count fees finer, the dust is ours.

    A fee in an asset that we do not keep is left to reconciliation: the customer's fill must not wait for a new account.
    """
    cost = half_even_to_scale(fill.quantity * fill.price, assets.scale(order.quote_asset))
    if fill.fee_asset not in assets.all_assets():
        _log.error(
            "venue_fee_in_unknown_asset", child=child.id, trade=fill.trade_id, fee=fill.fee, asset=fill.fee_asset
        )
        return Costs(cost, Decimal(0)), order.quote_asset
    return Costs(cost, ceil_to_scale(fill.fee, assets.scale(fill.fee_asset))), fill.fee_asset


def _cut(child: Child, ranked: Sequence[_Served], fill: VenueFill, costs: Costs, fee_asset: str) -> Iterator[Slice]:
    """The slices of one trade: the orders' by rank, then the house's."""
    shares, surplus = serve(fill.quantity, [(n, each.wants) for n, each in enumerate(ranked)])
    parts = [share.quantity for share in shares] + ([surplus] if surplus > 0 else [])
    quote_asset = ranked[0].order.quote_asset
    cut = slices_of_costs(
        quantity=fill.quantity, costs=costs, slices=parts, price=fill.price, quote_scale=assets.scale(quote_asset),
        fee_scale=assets.scale(fee_asset),
    )  # fmt: skip
    for share, part in zip(shares, cut, strict=False):
        each = ranked[share.of]
        facts = _facts(each.order, child, fill, share.quantity, part, fee_asset)
        each.left -= share.quantity
        each.order = replace(
            each.order,
            filled_quantity=each.order.filled_quantity + share.quantity,
            filled_cost=each.order.filled_cost + facts.customer_cost,
            fee=each.order.fee + facts.customer_fee,
        )
        yield Slice(facts, _customer(each.order))
    if surplus > 0:
        yield Slice(_facts(ranked[0].order, child, fill, surplus, cut[-1], fee_asset), None)


def _customer(order: Order) -> CustomerSide:
    return CustomerSide(spend_account=order.spend_account, receive_account=order.receive_account, hold_id=order.hold_id)


def _facts(order: Order, child: Child, fill: VenueFill, quantity: Decimal, costs: Costs, fee_asset: str) -> FillFacts:
    amounts = rules.fill_amounts(
        side=order.side, quantity=quantity, venue_price=fill.price, limit_price=order.protect_price, markup=order.markup,
        fill_mode=order.fill_mode, fee_rate=fees.rate_for(order), filled_cost=order.filled_cost, fee_so_far=order.fee,
        quote_scale=assets.scale(order.quote_asset), fee_extra=fees.extra_for(order),
    )  # fmt: skip
    sign = 1 if order.side == "buy" else -1
    return FillFacts(
        order_id=order.id, venue=child.venue, symbol=child.symbol, trade_id=fill.trade_id, side=order.side,
        base=order.base_asset, quote=order.quote_asset, quantity=quantity, price=fill.price,
        venue_cost=costs.cost, venue_fee=costs.fee, venue_fee_asset=fee_asset,
        customer_price=amounts.customer_price, customer_cost=amounts.customer_cost, customer_fee=amounts.customer_fee,
        spread=sign * (amounts.customer_cost - costs.cost),
    )  # fmt: skip


def _capture(tx: Tx, slices: Sequence[Slice], served: dict[UUID, _Served]) -> None:
    """Each hold once, by what all its slices cost. A fill worth less than the smallest unit of quote captures nothing."""
    paid: dict[UUID, Decimal] = {}
    for each in slices:
        if each.customer is not None:
            fill, hold_id = each.fill, each.customer.hold_id
            due = fill.customer_cost + fill.customer_fee if fill.side == "buy" else fill.quantity
            paid[hold_id] = paid.get(hold_id, Decimal(0)) + due
    first = {each.order.hold_id: each.order.accept_seq for each in served.values()}
    holds.capture_all(tx, sorted(((hold, due) for hold, due in paid.items() if due > 0), key=lambda one: first[one[0]]))


def _execution(child: Child, fill: VenueFill, costs: Costs, fee_asset: str) -> dict[str, Any]:
    return {
        "venue": child.venue, "symbol": child.symbol, "trade_id": fill.trade_id, "child_id": child.id, "side": child.side,
        "price": fill.price, "quantity": fill.quantity, "venue_cost": costs.cost, "venue_fee": costs.fee,
        "venue_fee_asset": fee_asset, "executed_at": fill.executed_at,
    }  # fmt: skip


def _row(child: Child, fill: VenueFill, each: Slice, journal_id: UUID) -> dict[str, Any]:
    facts = each.fill
    return {
        "id": uuid7(), "order_id": facts.order_id, "venue_order_id": child.id, "venue": child.venue, "symbol": child.symbol,
        "trade_id": fill.trade_id, "owner": each.owner, "price": fill.price, "quantity": facts.quantity, "venue_cost": facts.venue_cost,
        "venue_fee": facts.venue_fee, "venue_fee_asset": facts.venue_fee_asset, "customer_price": facts.customer_price,
        "customer_cost": facts.customer_cost, "customer_fee": facts.customer_fee, "journal_id": journal_id,
        "executed_at": fill.executed_at,
    }  # fmt: skip


def _add_up(
    tx: Tx, child: Child, new: Sequence[VenueFill], executions: Sequence[dict[str, Any]], served: dict[UUID, _Served]
) -> None:
    """Sums of child, allocations and orders."""
    order_queries.add_fill_to_child(
        tx,
        child.id,
        quantity=sum((fill.quantity for fill in new), Decimal(0)),
        cost=sum((row["venue_cost"] for row in executions), Decimal(0)),
    )
    grown = {
        order_id: (
            each.order.filled_quantity - each.before.filled_quantity,
            each.order.filled_cost - each.before.filled_cost,
            each.order.fee - each.before.fee,
        )
        for order_id, each in served.items()
        if each.order.filled_quantity != each.before.filled_quantity
    }
    if grown:
        queries.fill_allocations(tx, child.id, {order_id: quantity for order_id, (quantity, _, _) in grown.items()})
        queries.add_fills_to_orders(tx, grown)


def _tell(tx: Tx, child: Child, slices: Sequence[tuple[VenueFill, Slice]], served: dict[UUID, _Served]) -> None:
    facts: list[tuple[object, str]] = []
    remaining = {order_id: each.before.remaining for order_id, each in served.items()}
    for fill, each in slices:
        slice_ = each.fill
        if each.customer is None:
            _log.error(
                "house_position_opened",
                child=child.id,
                venue=child.venue,
                trade=fill.trade_id,
                quantity=slice_.quantity,
            )
            opened = events.HousePositionOpened(
                slice_.order_id, child.venue, child.symbol, child.side, slice_.quantity, fill.price
            )
            facts.append((opened, f"{child.venue}:{child.symbol}"))
            continue
        remaining[slice_.order_id] -= slice_.quantity
        if not served[slice_.order_id].order.of_customer:
            funds.want_refresh(tx, child.venue)  # nobody is told of it, and so nobody else asks
            continue
        told = events.OrderFilled(
            order_id=slice_.order_id, owner_id=served[slice_.order_id].order.owner_id, symbol=child.symbol, side=child.side,
            venue=child.venue, quantity=slice_.quantity, price=slice_.customer_price, remaining=remaining[slice_.order_id],
        )  # fmt: skip
        facts.append((told, str(slice_.order_id)))
    outbox.publish_all(tx, facts)
