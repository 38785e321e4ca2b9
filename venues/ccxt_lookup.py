"""How each venue is asked for an order of ours, and for its trades: one function per way, chosen by the capability matrix.

No venue's filter is trusted: every order in an answer is compared with our id here, because three of the four ignore the filter and
return everything. An empty open list alone proves nothing; closed lists are asked *after* the open ones, so that an order that closes
in between is seen. An order that is older than the question is a namesake, not ours.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from kernel.clock import wall
from venues.capabilities import of
from venues.ccxt_reports import Raw, milliseconds
from venues.exchanges import ccxt_symbol

LOOK_BACK = timedelta(minutes=2)
HISTORY_LIMIT = 500
_BITFINEX_CID = 2

Send = Callable[..., Awaitable[Any]]
"""send(method, *args, **kwargs): one signed request through the gateway's gate."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    coid: str
    symbol: str
    sent_at: datetime
    venue_order_id: str | None = None

    @property
    def since_ms(self) -> int:
        return milliseconds(self.sent_at - LOOK_BACK)


@dataclass(frozen=True, slots=True)
class Missing:
    authoritative: bool


async def find(venue: str, send: Send, question: Question) -> Raw | Missing:
    """The order as ccxt gives it, or that it is missing. `by_coid` venues raise OrderNotFound, which the gateway reads."""
    match of(venue).find:
        case "by_coid":
            return await _by_coid(send, question)
        case "lists_by_coid":
            return await _in_filtered_lists(venue, send, question)
        case "scan":
            return await _by_scan(venue, send, question)


def reaches_back(venue: str, question: Question) -> bool:
    """Whether the venue still remembers closed orders of that time."""
    return (wall() - question.sent_at).total_seconds() < of(venue).remembers_s


async def trades_of(venue: str, send: Send, question: Question, order_id: str) -> list[Raw]:
    """The executions of one order, however many came after it: asked by order, never by paging through everything since."""
    symbol = ccxt_symbol(question.symbol)
    match venue:
        case "binance":
            trades = await send("fetch_my_trades", symbol, params={"orderId": order_id})
        case "kraken":
            order = await send("fetch_order", order_id, symbol)
            ids = (order.get("info") or {}).get("trades") or []
            trades = await send("fetch_order_trades", order_id, symbol, params={"trades": ids}) if ids else []
        case _:
            trades = await send("fetch_order_trades", order_id, symbol)
    return [trade for trade in trades if str(trade["order"]) == order_id]


async def _by_coid(send: Send, question: Question) -> Raw | Missing:
    order: Raw = await send("fetch_order", None, ccxt_symbol(question.symbol), params={"clientOrderId": question.coid})
    return order if _is_ours(order, question) else Missing(authoritative=False)


async def _in_filtered_lists(venue: str, send: Send, question: Question) -> Raw | Missing:
    if question.venue_order_id is not None:
        order: Raw = await send("fetch_order", question.venue_order_id, ccxt_symbol(question.symbol))
        return {**order, "clientOrderId": question.coid, "trades": None}
    symbol, filtered = ccxt_symbol(question.symbol), {"clientOrderId": question.coid}
    for method in ("fetch_open_orders", "fetch_closed_orders"):
        for found in await send(method, symbol, since=question.since_ms, params=filtered):
            if _is_ours(found, question):
                return {**found, "trades": None}  # ids only; the executions are asked for
    return Missing(reaches_back(venue, question))


async def _by_scan(venue: str, send: Send, question: Question) -> Raw | Missing:
    symbol = ccxt_symbol(question.symbol)
    for order in await send("fetch_open_orders", symbol):
        if _is_ours(order, question):
            return order  # type: ignore[no-any-return]
    closed = await send("fetch_closed_orders", symbol, since=question.since_ms, limit=HISTORY_LIMIT)
    for order in closed:
        if _is_ours(order, question):
            return order  # type: ignore[no-any-return]
    return Missing(len(closed) < HISTORY_LIMIT and reaches_back(venue, question))


def _is_ours(order: Raw, question: Question) -> bool:
    """The same id, and not from before the question's time."""
    text = order.get("clientOrderId")
    info = order.get("info")
    if isinstance(info, list):
        text = str(info[_BITFINEX_CID])
    stamp = order.get("timestamp")
    return text == question.coid and (stamp is None or int(stamp) >= question.since_ms)
