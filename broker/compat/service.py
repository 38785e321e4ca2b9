"""Use cases of bots: everything goes through the order desk and the ledger as for anybody else, and is told in Binance's words.

An order that is still at work when the wait is over is NEW, never an error: a bot that hears an error sends the order again.
"""

from __future__ import annotations

import asyncio
import hashlib
from typing import Any
from uuid import UUID

from broker.compat import queries, words
from broker.compat.asks import Ask, instrument_of
from broker.compat.errors import Refusal, denied, missing, nothing_to_cancel, unknown_order
from broker.compat.parameters import Parameters
from broker.compat.queries import OrderRow, TradeRow
from broker.fees import service as fees
from broker.orders import service as orders
from broker.orders import waiting
from broker.orders.errors import OrderNotOpen
from broker.orders.states import ORDER, OrderStatus
from identity.api_keys.service import Caller
from identity.api_keys.states import Scope
from kernel import db
from kernel.clock import wall
from kernel.errors import DomainError, NotFound
from kernel.ids import uuid7
from kernel.settings import settings
from payments.balances import service as balances

_MOST_OPEN = 1_000
_MOST_ROWS = 1_000
_WORKING = {OrderStatus.ACCEPTED, OrderStatus.WORKING, OrderStatus.TRIGGERED}


# --- placing and cancelling


async def place(outcomes: waiting.Outcomes, caller: Caller, ask: Ask, *, key: str) -> dict[str, Any]:
    """Place an order and wait for its outcome as long as our own API does.

    Args:
        key: names this very request; sent again byte for byte, it is the same order.

    Raises:
        Refusal: denied; there is no order.
    """
    order_id = orders.new_order_id()
    with outcomes.expect(order_id) as waiter:
        try:
            accepted = await asyncio.to_thread(
                orders.place_order,
                tenant=caller.tenant_id,
                owner=caller.principal_id,
                wish=ask.wish,
                order_id=order_id,
                key=key,
                fingerprint=hashlib.sha256(repr(ask.wish).encode()).digest(),
            )
        except DomainError as error:
            raise denied(error) from error
        order, trades = await asyncio.to_thread(_with_trades, caller, accepted.id)
        if order.status in _WORKING and not accepted.replayed:
            await waiting.wait(waiter, settings().outcome_wait_s)
            order, trades = await asyncio.to_thread(_with_trades, caller, accepted.id)
    return words.placed(order, trades, ask.response)


def _with_trades(caller: Caller, order_id: UUID) -> tuple[OrderRow, list[TradeRow]]:
    with db.read_only(tenant=caller.tenant_id, repeatable=True) as tx:
        order = queries.by_id(tx, owner=caller.principal_id, order_id=order_id)
        assert order is not None, "an order that was just placed"
        return order, queries.trades_of_orders(tx, owner=caller.principal_id, order_ids=[order_id])


async def cancel(outcomes: waiting.Outcomes, caller: Caller, parameters: Parameters) -> dict[str, Any]:
    """Cancel one order, and wait for the venue where one has it.

    Raises:
        Refusal: there is no such open order.
    """
    order = await asyncio.to_thread(_find, caller, parameters, "orderId", "origClientOrderId")
    if order is None:
        raise nothing_to_cancel()
    gone = await _cancel(outcomes, caller, order)
    return words.cancelled(gone, parameters.client_order_id("newClientOrderId") or uuid7().hex[:22])


async def _cancel(outcomes: waiting.Outcomes, caller: Caller, order: OrderRow) -> OrderRow:
    """The order after its cancellation; fills win, and one that was filled meanwhile was not cancelled."""
    with outcomes.expect(order.id) as waiter:
        try:
            await asyncio.to_thread(
                orders.cancel_order, tenant=caller.tenant_id, owner=caller.principal_id, order_id=order.id
            )
        except (NotFound, OrderNotOpen):
            raise nothing_to_cancel() from None
        now = await asyncio.to_thread(_by_id, caller, order.id)
        if OrderStatus(now.status) not in ORDER.terminal:
            await waiting.wait(waiter, settings().outcome_wait_s)
            now = await asyncio.to_thread(_by_id, caller, order.id)
    if now.status == OrderStatus.FILLED:
        raise nothing_to_cancel()
    return now


def _by_id(caller: Caller, order_id: UUID) -> OrderRow:
    with db.read_only(tenant=caller.tenant_id) as tx:
        order = queries.by_id(tx, owner=caller.principal_id, order_id=order_id)
    assert order is not None, "an order that was just read"
    return order


async def cancel_all(outcomes: waiting.Outcomes, caller: Caller, parameters: Parameters) -> list[dict[str, Any]]:
    """Cancel every open order of a market.

    Raises:
        Refusal: there is none.
    """
    found = await asyncio.to_thread(lambda: _open(caller, instrument_of(parameters).symbol))
    if not found:
        raise nothing_to_cancel()
    gone = []
    for order in found:
        try:
            gone.append(await _cancel(outcomes, caller, order))
        except Refusal:  # filled or cancelled since it was listed
            continue
    return [words.cancelled(order, uuid7().hex[:22]) for order in gone]


CANCEL_REPLACE = frozenset(
    {"cancelReplaceMode", "cancelOrderId", "cancelOrigClientOrderId", "cancelNewClientOrderId", "cancelRestrictions"}
)


async def cancel_replace(
    outcomes: waiting.Outcomes, caller: Caller, parameters: Parameters, ask: Ask, *, key: str
) -> dict[str, Any]:
    """Cancel, then place; with STOP_ON_FAILURE nothing is placed unless the old order has ended.

    Raises:
        Refusal: one of both failed (-2021), or both (-2022); `data` says which.
    """
    mode = parameters.must("cancelReplaceMode")
    if mode not in {"STOP_ON_FAILURE", "ALLOW_FAILURE"}:
        raise Refusal(-1130, "Data sent for parameter 'cancelReplaceMode' is not valid.")
    told: dict[str, Any] = {
        "cancelResult": "FAILURE",
        "newOrderResult": "NOT_ATTEMPTED",
        "cancelResponse": None,
        "newOrderResponse": None,
    }
    try:
        gone = await _cancel_first(outcomes, caller, parameters)
        cancel_id = parameters.client_order_id("cancelNewClientOrderId") or uuid7().hex[:22]
        told |= {"cancelResult": "SUCCESS", "cancelResponse": words.cancelled(gone, cancel_id)}
    except Refusal as failed:
        told["cancelResponse"] = failed.body()
        if mode == "STOP_ON_FAILURE":
            raise Refusal(-2022, "Order cancel-replace failed.", data=told) from failed
    try:
        told |= {"newOrderResponse": await place(outcomes, caller, ask, key=key), "newOrderResult": "SUCCESS"}
    except Refusal as failed:
        told |= {"newOrderResponse": failed.body(), "newOrderResult": "FAILURE"}
        partly = told["cancelResult"] == "SUCCESS"
        code, text = (
            (-2021, "Order cancel-replace partially failed.") if partly else (-2022, "Order cancel-replace failed.")
        )
        raise Refusal(code, text, status=409 if partly else 400, data=told) from failed
    if told["cancelResult"] == "FAILURE":
        raise Refusal(-2021, "Order cancel-replace partially failed.", status=409, data=told)
    return told


async def _cancel_first(outcomes: waiting.Outcomes, caller: Caller, parameters: Parameters) -> OrderRow:
    """The old order, ended: one that may still be filled is not replaced yet."""
    old = await asyncio.to_thread(_find, caller, parameters, "cancelOrderId", "cancelOrigClientOrderId")
    if old is None:
        raise nothing_to_cancel()
    gone = await _cancel(outcomes, caller, old)
    if OrderStatus(gone.status) not in ORDER.terminal:
        raise Refusal(-2011, "The order is still at a venue; its cancellation is on the way.")
    return gone


# --- reading


def _find(caller: Caller, parameters: Parameters, number_name: str, coid_name: str) -> OrderRow | None:
    symbol = instrument_of(parameters).symbol
    number, coid = parameters.number(number_name), parameters.client_order_id(coid_name)
    if number is None and coid is None:
        raise missing(coid_name)
    with db.read_only(tenant=caller.tenant_id) as tx:
        if number is not None:
            found = queries.by_number(tx, owner=caller.principal_id, symbol=symbol, number=number)
            return None if found is not None and coid not in {None, found.client_order_id} else found
        assert coid is not None
        return queries.by_client_order_id(tx, owner=caller.principal_id, symbol=symbol, client_order_id=coid)


def order(caller: Caller, parameters: Parameters) -> dict[str, Any]:
    found = _find(caller, parameters, "orderId", "origClientOrderId")
    if found is None:
        raise unknown_order()
    return words.queried(found)


def _open(caller: Caller, symbol: str | None) -> list[OrderRow]:
    with db.read_only(tenant=caller.tenant_id) as tx:
        return queries.open_orders(tx, owner=caller.principal_id, symbol=symbol, limit=_MOST_OPEN)


def open_orders(caller: Caller, parameters: Parameters) -> list[dict[str, Any]]:
    symbol = instrument_of(parameters).symbol if parameters.text("symbol") else None
    return [words.queried(one) for one in _open(caller, symbol)]


def all_orders(caller: Caller, parameters: Parameters) -> list[dict[str, Any]]:
    symbol, limit = instrument_of(parameters).symbol, parameters.limit(500, _MOST_ROWS)
    first, since, until = parameters.number("orderId"), parameters.moment("startTime"), parameters.moment("endTime")
    with db.read_only(tenant=caller.tenant_id) as tx:
        found = queries.orders(
            tx,
            owner=caller.principal_id,
            symbol=symbol,
            first=first,
            since=since,
            until=until,
            oldest=first is not None or since is not None,
            limit=limit,
        )
    return [words.queried(one) for one in found]


def my_trades(caller: Caller, parameters: Parameters) -> list[dict[str, Any]]:
    symbol, limit = instrument_of(parameters).symbol, parameters.limit(500, _MOST_ROWS)
    first, since, until = parameters.number("fromId"), parameters.moment("startTime"), parameters.moment("endTime")
    order_number = parameters.number("orderId")
    with db.read_only(tenant=caller.tenant_id) as tx:
        found = queries.trades(
            tx,
            owner=caller.principal_id,
            symbol=symbol,
            order_number=order_number,
            first=first,
            since=since,
            until=until,
            oldest=first is not None or since is not None,
            limit=limit,
        )
    return [words.my_trade(one) for one in found]


def account(caller: Caller, parameters: Parameters) -> dict[str, Any]:
    """Balances, and what trading costs this customer."""
    rates = fees.rates_of(caller.tenant_id, caller.principal_id)
    with db.read_only(tenant=caller.tenant_id) as tx:
        rows = balances.of_owner(tx, owner=caller.principal_id)
    if parameters.text("omitZeroBalances") == "true":
        rows = [row for row in rows if row.posted or row.held]
    return {
        "makerCommission": int(rates.maker * 10_000),
        "takerCommission": int(rates.taker * 10_000),
        "buyerCommission": 0,
        "sellerCommission": 0,
        "commissionRates": {
            "maker": words.text(rates.maker),
            "taker": words.text(rates.taker),
            "buyer": words.text(None),
            "seller": words.text(None),
        },
        "canTrade": Scope.TRADE in caller.scopes,
        "canWithdraw": False,
        "canDeposit": False,
        "brokered": False,
        "requireSelfTradePrevention": False,
        "preventSor": False,
        "updateTime": words.ms(wall()),
        "accountType": "SPOT",
        "balances": [
            {"asset": row.asset, "free": words.text(row.available), "locked": words.text(row.held)} for row in rows
        ],
        "permissions": ["SPOT"],
        "uid": int.from_bytes(caller.principal_id.bytes[-6:], "big"),
    }
