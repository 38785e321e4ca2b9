"""The grids of the venues as data: price steps, quantity steps, minima. Broker plans with them without touching a client library.

The table holds what a sandbox and a first start need; a gateway refreshes its own copy from the venue's market list. Rounding is
ours and one-sided: a protective limit goes down for buys and up for sells, so that it never passes the customer's price.
"""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal

from kernel.errors import NotFound
from kernel.money import ceil_to, floor_to

FINEST_TICK = Decimal("1e-8")


@dataclass(frozen=True, slots=True, kw_only=True)
class Grid:
    """Prices lie on `tick`, or carry at most `significant_digits` where the venue counts digits instead (then tick is None)."""

    tick: Decimal | None
    significant_digits: int | None = None
    step: Decimal
    min_quantity: Decimal
    min_notional: Decimal

    def tick_at(self, price: Decimal) -> Decimal:
        """The distance between two prices near `price`."""
        if self.significant_digits is None:
            assert self.tick is not None
            return self.tick
        return max(Decimal(1).scaleb(price.adjusted() + 1 - self.significant_digits), FINEST_TICK)

    def floor_price(self, price: Decimal) -> Decimal:
        return floor_to(price, self.tick_at(price))

    def ceil_price(self, price: Decimal) -> Decimal:
        return ceil_to(price, self.tick_at(price))

    def protective_limit(self, side: str, price: Decimal) -> Decimal:
        """The limit that the venue is given: never worse for the customer than `price`."""
        return self.floor_price(price) if side == "buy" else self.ceil_price(price)

    def floor_quantity(self, quantity: Decimal) -> Decimal:
        return floor_to(quantity, self.step)

    def too_small(self, quantity: Decimal, price: Decimal) -> bool:
        return quantity <= 0 or quantity < self.min_quantity or quantity * price < self.min_notional


def _ticks(tick: str, step: str, min_quantity: str, min_notional: str) -> Grid:
    return Grid(
        tick=Decimal(tick), step=Decimal(step), min_quantity=Decimal(min_quantity), min_notional=Decimal(min_notional)
    )


def _digits(step: str, min_quantity: str) -> Grid:
    return Grid(
        tick=None, significant_digits=5, step=Decimal(step), min_quantity=Decimal(min_quantity), min_notional=Decimal(0)
    )


GRIDS: dict[tuple[str, str], Grid] = {
    ("binance", "BTC-USDT"): _ticks("0.01", "0.00001", "0.00001", "5"),
    ("binance", "ETH-USDT"): _ticks("0.01", "0.0001", "0.0001", "5"),
    ("binance", "ETH-BTC"): _ticks("0.00001", "0.0001", "0.0001", "0.0001"),
    ("okx", "BTC-USDT"): _ticks("0.1", "0.00000001", "0.00001", "0"),
    ("okx", "ETH-USDT"): _ticks("0.01", "0.000001", "0.0001", "0"),
    ("okx", "ETH-BTC"): _ticks("0.00001", "0.000001", "0.0001", "0"),
    ("kraken", "BTC-USDT"): _ticks("0.1", "0.00000001", "0.00005", "0.5"),
    ("kraken", "ETH-USDT"): _ticks("0.01", "0.00000001", "0.001", "0.5"),
    ("kraken", "ETH-BTC"): _ticks("0.00001", "0.00000001", "0.001", "0.00002"),
    ("bitfinex", "BTC-USDT"): _digits("0.00000001", "0.00004"),
    ("bitfinex", "ETH-USDT"): _digits("0.00000001", "0.0006"),
    ("bitfinex", "ETH-BTC"): _digits("0.00000001", "0.0006"),
}


def default_grid(venue: str, symbol: str) -> Grid:
    """The built-in grid.

    Raises:
        NotFound: the venue does not list the symbol.
    """
    grid = GRIDS.get((venue, symbol))
    if grid is None:
        raise NotFound(f"{venue} has no grid for {symbol}")
    return grid
