"""nautilus_trader's own Binance adapter on Rivermouth: quotes and own events by websocket, a market order in, one out, a limit taken back.

In an environment with nautilus_trader (seen with 1.221.0) set RIVERMOUTH_URL, RIVERMOUTH_KEY and RIVERMOUTH_SECRET, then:
python nautilus_round_trip.py
"""

from __future__ import annotations

import os
from decimal import Decimal

from nautilus_trader.adapters.binance import (
    BINANCE,
    BinanceAccountType,
    BinanceDataClientConfig,
    BinanceExecClientConfig,
    BinanceLiveDataClientFactory,
    BinanceLiveExecClientFactory,
)
from nautilus_trader.config import InstrumentProviderConfig, StrategyConfig, TradingNodeConfig
from nautilus_trader.live.node import TradingNode
from nautilus_trader.model.data import QuoteTick
from nautilus_trader.model.enums import OrderSide
from nautilus_trader.model.events import OrderAccepted, OrderCanceled, OrderFilled
from nautilus_trader.model.identifiers import InstrumentId, TraderId
from nautilus_trader.trading.strategy import Strategy

HOME = os.environ.get("RIVERMOUTH_URL", "http://localhost:8000") + "/compat/binance"
MARKET = InstrumentId.from_str("BTCUSDT.BINANCE")
IN, OUT, REST, BACK = range(1, 5)


class RoundTrip(Strategy):
    """Buy at the market, sell at the market, rest far below it, cancel; one step after the other."""

    step = 0

    def on_start(self) -> None:
        """Listen to the market."""
        self.market = self.cache.instrument(MARKET)
        self.subscribe_quote_ticks(MARKET)

    def on_quote_tick(self, tick: QuoteTick) -> None:
        """The first quote is the reason to enter."""
        self.last = tick
        if self.step == 0:
            self.trade(OrderSide.BUY, IN)

    def trade(self, side: OrderSide, step: int) -> None:
        """One step by a market order."""
        self.step = step
        self.submit_order(self.order_factory.market(MARKET, side, self.market.make_qty(Decimal("0.01"))))

    def on_order_filled(self, event: OrderFilled) -> None:
        """In, then out, then an order that only rests."""
        print(f"filled: {event.order_side} {event.last_qty} at {event.last_px}, trade {event.trade_id}")
        if self.step == IN:
            self.trade(OrderSide.SELL, OUT)
        elif self.step == OUT:
            self.step = REST
            price = self.market.make_price(self.last.bid_price.as_decimal() * Decimal("0.9"))
            self.rest = self.order_factory.limit(MARKET, OrderSide.BUY, self.market.make_qty(Decimal("0.001")), price)
            self.submit_order(self.rest)

    def on_order_accepted(self, event: OrderAccepted) -> None:
        """What rests is taken back."""
        if self.step == REST and event.client_order_id == self.rest.client_order_id:
            self.step = BACK
            self.cancel_order(self.rest)

    def on_order_canceled(self, event: OrderCanceled) -> None:
        """Everything was seen."""
        print(f"taken back: {event.venue_order_id}; stop with Ctrl-C")


def main() -> None:
    """Point the adapter at Rivermouth; `testnet` keeps it from asking Binance's wallet for fees."""
    common = {
        "api_key": os.environ["RIVERMOUTH_KEY"],
        "api_secret": os.environ["RIVERMOUTH_SECRET"],
        "account_type": BinanceAccountType.SPOT,
        "base_url_http": HOME,
        "base_url_ws": "ws" + HOME.removeprefix("http"),
        "testnet": True,
        "instrument_provider": InstrumentProviderConfig(load_ids=frozenset({MARKET})),
    }
    node = TradingNode(
        TradingNodeConfig(
            trader_id=TraderId("RIVERMOUTH-001"),
            data_clients={BINANCE: BinanceDataClientConfig(**common)},
            exec_clients={BINANCE: BinanceExecClientConfig(**common)},
        )
    )
    node.trader.add_strategy(RoundTrip(StrategyConfig(strategy_id="ROUND-TRIP")))
    node.add_data_client_factory(BINANCE, BinanceLiveDataClientFactory)
    node.add_exec_client_factory(BINANCE, BinanceLiveExecClientFactory)
    node.build()
    try:
        node.run()
    finally:
        node.dispose()


if __name__ == "__main__":
    main()
