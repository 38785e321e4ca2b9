"""The tape of one market: its owner gathers the venues' public trades and writes them down a few times a second.

One transaction stores the new trades and makes the candles they fall into; what readers see is always both. A trade that a venue tells
again is nothing new, one told late amends the candles of its time. A print further from the composite than what would exclude its venue
is kept and shown, but makes no candle: one broken venue must not draw a wick.
"""

from __future__ import annotations

from collections import OrderedDict, deque
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal

from kernel import db
from markets.candles import queries as candle_rows
from markets.candles import service as candles
from markets.candles.live import Changed, LiveCandles
from markets.candles.states import LEVELS
from markets.composite.rules import DEFAULT_RULES
from markets.trades import service as trades
from markets.trades.service import Trade
from venues.public_trades import PublicTrade

REMEMBERED = 20_000
AT_ONCE = 2_000
PRICES_KEPT_S = 10.0
KEEP_FOR = timedelta(seconds=60)


@dataclass(frozen=True, slots=True)
class Written:
    """What a write changed: new trades, oldest first, and the candles as they are now."""

    trades: list[Trade]
    candles: Changed


class Tape:
    """Trades come in from feeds by `add`; `write` and `seed` use the database and belong into a thread."""

    def __init__(self, symbol: str) -> None:
        self.symbol = symbol
        self.live = LiveCandles()
        self._waiting: deque[PublicTrade] = deque()
        self._known: OrderedDict[tuple[str, str], None] = OrderedDict()
        self._prices: deque[tuple[float, Decimal]] = deque()

    def __len__(self) -> int:
        return len(self._waiting)

    def add(self, arrived: Sequence[PublicTrade]) -> None:
        """Polls tell most trades several times: what this process has seen does not reach the database again."""
        for trade in arrived:
            known = (trade.venue, trade.trade_id)
            if known not in self._known:
                self._known[known] = None
                self._waiting.append(trade)
        while len(self._known) > REMEMBERED:
            self._known.popitem(last=False)

    def see_price(self, price: Decimal | None, now_mono: float) -> None:
        """The composite of this moment: trades that arrive soon are compared with the prices of the last seconds."""
        if price is not None and (not self._prices or self._prices[-1][1] != price):
            self._prices.append((now_mono, price))
        while len(self._prices) > 1 and now_mono - self._prices[1][0] > PRICES_KEPT_S:
            self._prices.popleft()

    def counts(self, trade: PublicTrade) -> bool:
        """Whether a trade may make candles."""
        if not self._prices:
            return True
        prices = [price for _, price in self._prices]
        beyond = DEFAULT_RULES.exclude_beyond
        return min(prices) * (1 - beyond) <= trade.price <= max(prices) * (1 + beyond)

    def keep_recent(self, now: datetime) -> None:
        """Another process owns the market and writes; this one keeps what it would need to take over without a gap."""
        while self._waiting and (len(self._waiting) > REMEMBERED or now - self._waiting[0].at > KEEP_FOR):
            self._waiting.popleft()

    def seed(self, now: datetime) -> None:
        """Read the moving candles from the table."""
        with db.read_only() as tx:
            bars = {
                level: candles.seed(tx, self.symbol, level=level, since=since)
                for level, since in self.live.since(now).items()
            }
            close = candle_rows.close_before(tx, symbol=self.symbol, level=LEVELS[1], moment=now)
        self.live.seed(bars, close=close)

    def write(self, now: datetime) -> Written:
        """Store what waits, at most some thousand; all of it or, when the database is away, nothing."""
        batch = [self._waiting.popleft() for _ in range(min(len(self._waiting), AT_ONCE))]
        if not batch:
            return Written([], [])
        try:
            new, changed = self._store(batch)
        except BaseException:
            self._waiting.extendleft(reversed(batch))
            raise
        return Written(new, self.live.take(changed, now))

    def _store(self, batch: Sequence[PublicTrade]) -> tuple[list[Trade], dict[int, list[candles.Bar]]]:
        with db.transaction() as tx:
            candle_rows.lock_market(tx, symbol=self.symbol)
            new = trades.store(tx, self.symbol, batch, counts=self.counts)
            moments = [trade.at for trade, counted in new if counted]
            changed = candles.absorb(tx, self.symbol, moments) if moments else {}
        return [trade for trade, _ in new], changed
