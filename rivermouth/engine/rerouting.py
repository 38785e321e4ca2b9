"""Where the rest of an order would go, asked by the lanes: by this process's own view where it owns the market, else by the owner's copy.

A lane decides inside a transaction, where nothing may be read from the network. So the copies of markets that others own are fetched
beforehand, all the time, and their age is judged when they are used: one that is too old routes nothing.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping

from sqlalchemy.exc import DBAPIError

from broker.controls import service as controls
from broker.execution.settling import Reroute
from broker.orders.queries import Order
from broker.routing.rules import Plan
from kernel import clock
from markets.instruments import service as instruments
from markets.instruments.service import Instrument
from markets.quotes import service as quotes
from markets.quotes.errors import QuotesUnavailable
from markets.quotes.service import MarketView
from rivermouth.engine.shard import MarketShard, nowhere, plan_by

EVERY_S = 0.25


class Copies:
    """The newest copies of markets that this process does not own."""

    def __init__(self, shards: Mapping[str, MarketShard]) -> None:
        self._shards = shards
        self._copies: dict[str, tuple[Instrument, MarketView]] = {}

    async def run(self) -> None:
        """Fetch for ever; what cannot be fetched grows old and is not believed any more."""
        while True:
            for symbol in [symbol for symbol, shard in self._shards.items() if shard.view is None]:
                try:
                    self._copies[symbol] = await asyncio.to_thread(_fetch, symbol)
                except (QuotesUnavailable, DBAPIError):
                    continue
            await asyncio.sleep(EVERY_S)

    def of(self, symbol: str) -> tuple[Instrument, MarketView] | None:
        copy = self._copies.get(symbol)
        return None if copy is None else (copy[0], copy[1].at(clock.wall()))


def _fetch(symbol: str) -> tuple[Instrument, MarketView]:
    return instruments.get(symbol), quotes.load(symbol)


def rerouter(shards: Mapping[str, MarketShard], copies: Copies) -> Reroute:
    """A fresh plan for the rest of one order, in memory; an empty one where nobody shows a price that may be believed."""

    def plan(order: Order, without: frozenset[str]) -> Plan:
        shard = shards.get(order.symbol)
        if shard is not None and shard.view is not None:
            return shard.plan(order, without)
        copy = copies.of(order.symbol)
        if copy is None or not controls.may_start(
            tenant=order.tenant_id, owner=order.owner_id, symbol=order.symbol, side=order.side
        ):
            return nowhere(order)
        return plan_by(controls.allowed(copy[1], tenant=order.tenant_id), copy[0], [order], without)

    return plan
