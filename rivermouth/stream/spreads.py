"""The spread that bots are shown on streams: read once a second beside the event loop, which only looks."""

from __future__ import annotations

import asyncio

from sqlalchemy.exc import SQLAlchemyError

from broker.controls import spread
from kernel import log
from markets.guards import service as guards
from markets.instruments import service as instruments
from markets.instruments.service import Instrument
from markets.quotes.service import MarketView

EVERY_S = 1.0
_log = log.get("stream")


class Spreads:
    """All markets as they are sold now."""

    def __init__(self) -> None:
        self._markets: dict[str, Instrument] = {}

    def priced(self, view: MarketView, instrument: Instrument) -> Instrument:
        """The market with the spread that everybody meets now; with its own until the first reading."""
        now = self._markets.get(instrument.symbol, instrument)
        return spread.shown(view, now, known=guards.known(instrument.symbol))

    async def run(self) -> None:
        """Read for ever; while the database is away, what was read last goes on."""
        while True:
            try:
                self._markets = await asyncio.to_thread(_read)
            except SQLAlchemyError as error:
                _log.warning("spreads_not_read", error=str(error)[:200])
            await asyncio.sleep(EVERY_S)


def _read() -> dict[str, Instrument]:
    markets = {market.symbol: market for market in instruments.list_markets()}
    for symbol in markets:
        guards.of(symbol)
    return markets
