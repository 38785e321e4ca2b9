"""One symbol at one venue: the live levels orders match, and the book the venue shows.

The two differ on purpose: what is shown changes only when it is published, so a stale book is a market whose
publishing stops while matching goes on. Levels lie about a mid, refill when the mid is set, and are eaten in
between.
"""

import random
from collections import deque
from collections.abc import Sequence
from decimal import Decimal

from kernel.money import floor_to
from venues.simulator import grid
from venues.simulator.shapes import ZERO, Book, BookChanged, Candle, Level, Side, SymbolSpec, Ticker, Trade

DEPTH = 20
_HALF_SPREAD = Decimal("0.00005")
_LEVEL_DISTANCE = Decimal("0.00004")
_MINUTE_MS = 60_000
_TAPE = 1000
_CANDLES = 1500
_BACKFILL = 240
_DAY_MINUTES = 1440


class SimMarket:
    """Prices, levels and public trades of one symbol."""

    def __init__(self, spec: SymbolSpec, *, seed: str, sequence: int) -> None:
        self.spec = spec
        self.silent = False
        self.mid = ZERO
        self.last = ZERO
        self.last_quantity = ZERO
        self.bids: list[Level] = []
        self.asks: list[Level] = []
        self.shown = Book(spec.symbol, (), (), sequence, 0)
        self.day_high = ZERO
        self.day_low = ZERO
        self.tape: deque[Trade] = deque(maxlen=_TAPE)
        self.candles: deque[Candle] = deque(maxlen=_CANDLES)
        # Levels and sizes are decoration that must repeat run for run; nothing secret is drawn from it.
        self._random = random.Random(seed)  # noqa: S311
        self._thin: tuple[list[Decimal], list[Decimal]] | None = None
        self._fixed: tuple[list[Level], list[Level]] | None = None
        self._sizes: tuple[list[Decimal], list[Decimal]] = ([], [])
        self.redraw_sizes()

    # --- prices and levels

    def set_mid(self, mid: Decimal, *, exact: bool, tight: bool) -> None:
        """Show `mid`; with `exact` a grid that cannot show it falls silent."""
        half = ZERO if tight else mid * _HALF_SPREAD
        quote = grid.symmetric_quote(self.spec, mid, half)
        self.silent = exact and quote is None
        bid, ask = quote or grid.nearest_quote(self.spec, mid, half)
        self.mid = mid if quote else (bid + ask) / 2
        self.last = grid.nearest(self.spec, self.mid)
        if not bid <= self.last <= ask:
            self.last = bid
        self._fixed = None
        self._fill_levels(bid, ask)

    def refresh(self) -> None:
        """Refill what orders ate, prices unmoved; a thin book stays as eaten."""
        if self._thin is None and self._fixed is None and self.mid:
            self._sizes[0][-1] = self._draw()
            self._sizes[1][-1] = self._draw()
            self._fill_levels(*self._quote)

    def redraw_sizes(self) -> None:
        self._sizes = ([self._draw() for _ in range(DEPTH)], [self._draw() for _ in range(DEPTH)])

    def thin(self, *, bids: list[Decimal], asks: list[Decimal]) -> None:
        """Quantities per level, kept through price changes until `thicken`."""
        self._thin = (bids, asks)
        self._fixed = None
        self._fill_levels(*self._quote)

    def fix_levels(self, *, bids: list[Level], asks: list[Level]) -> None:
        """Exactly these levels; the next price set keeps their quantities and moves their prices."""
        bids = sorted(bids, reverse=True)
        asks = sorted(asks)
        self._thin = ([quantity for _, quantity in bids], [quantity for _, quantity in asks])
        self._fixed = (bids, asks)
        self.bids, self.asks = list(bids), list(asks)

    def thicken(self) -> None:
        self._thin = None
        self._fixed = None
        self._fill_levels(*self._quote)

    @property
    def holds_still(self) -> bool:
        """Explicit levels are absolute: the generator leaves them alone."""
        return self._fixed is not None

    def _fill_levels(self, bid: Decimal, ask: Decimal) -> None:
        self._quote = (bid, ask)
        if self.silent:
            self.bids, self.asks = [], []
            return
        sizes = self._thin if self._thin is not None else self._sizes
        distance = self.mid * _LEVEL_DISTANCE
        self.bids, self.asks = [], []
        for quantity in sizes[0]:
            if bid <= 0:
                break
            self.bids.append((bid, quantity))
            bid = grid.below(self.spec, bid, distance)
        for quantity in sizes[1]:
            self.asks.append((ask, quantity))
            ask = grid.above(self.spec, ask, distance)
        self.bids = [level for level in self.bids if level[1] > 0]
        self.asks = [level for level in self.asks if level[1] > 0]

    def _draw(self) -> Decimal:
        low, high = (int(bound / self.spec.step) for bound in self.spec.level_quantity)
        return self._random.randint(low, high) * self.spec.step

    # --- matching

    def walk(
        self, side: Side, *, limit: Decimal | None, quantity: Decimal | None, cost: Decimal | None = None
    ) -> list[Level]:
        """Price and quantity per touched level, best first, for `quantity` or as much as `cost` buys."""
        taken: list[Level] = []
        for price, available in self.asks if side == "buy" else self.bids:
            if limit is not None and (price > limit if side == "buy" else price < limit):
                break
            if quantity is not None:
                part = min(available, quantity)
                quantity -= part
            else:
                part = min(available, floor_to((cost or ZERO) / price, self.spec.step))
                cost = (cost or ZERO) - part * price
            if part <= 0:
                break
            taken.append((price, part))
        return taken

    def eat(self, side: Side, taken: Sequence[Level]) -> None:
        levels = self.asks if side == "buy" else self.bids
        eaten = dict(taken)
        left = [(price, quantity - eaten.get(price, ZERO)) for price, quantity in levels]
        levels[:] = [level for level in left if level[1] > 0]

    # --- what is shown

    def differs(self) -> bool:
        return self.shown.bids != tuple(self.bids) or self.shown.asks != tuple(self.asks)

    def publish(self, now_ms: int) -> BookChanged:
        """Make the live levels the shown ones; the difference, or the best levels again when there is none."""
        bids = _changes(self.shown.bids, self.bids)
        asks = _changes(self.shown.asks, self.asks)
        if not bids and not asks:
            bids, asks = tuple(self.bids[:1]), tuple(self.asks[:1])
        previous = self.shown.sequence
        self.shown = Book(self.spec.symbol, tuple(self.bids), tuple(self.asks), previous + 1, now_ms)
        return BookChanged(self.spec.symbol, previous, previous + 1, bids, asks, now_ms)

    def book(self, depth: int) -> Book:
        shown = self.shown
        return Book(shown.symbol, shown.bids[:depth], shown.asks[:depth], shown.sequence, shown.time_ms)

    def print_trade(self, trade_id: int, now_ms: int) -> Trade:
        """A trade by others at the last price; keeps the tape and the candles going."""
        side: Side = "buy" if self._random.randint(0, 1) else "sell"
        self.last_quantity = floor_to(self._draw() / 20, self.spec.step) or self.spec.step
        trade = Trade(trade_id, side, self.last, self.last_quantity, now_ms)
        self.tape.append(trade)
        self._add_to_candle(trade)
        return trade

    def _backfill(self, start: int) -> None:
        """A past for charts and day figures: a walk backwards from the present price."""
        price = self.last
        past = []
        for minutes in range(1, _BACKFILL + 1):
            opened = grid.nearest(self.spec, price * (1 + Decimal(self._random.randint(-40, 40)).scaleb(-5)))
            high, low = max(opened, price), min(opened, price)
            past.append(Candle(start - minutes * _MINUTE_MS, opened, high, low, price, self._draw()))
            price = opened
        self.candles.extend(reversed(past))
        self._measure_day()

    def _measure_day(self) -> None:
        day = list(self.candles)[-_DAY_MINUTES:]
        self.day_high = max(c.high for c in day)
        self.day_low = min(c.low for c in day)

    def _add_to_candle(self, trade: Trade) -> None:
        start = trade.time_ms // _MINUTE_MS * _MINUTE_MS
        if not self.candles:
            self._backfill(start)
        self.day_high = max(self.day_high, trade.price)
        self.day_low = min(self.day_low, trade.price)
        if self.candles[-1].time_ms == start:
            c = self.candles[-1]
            high, low = max(c.high, trade.price), min(c.low, trade.price)
            self.candles[-1] = Candle(start, c.open, high, low, trade.price, c.volume + trade.quantity)
            return
        opened = self.candles[-1].close
        high, low = max(opened, trade.price), min(opened, trade.price)
        self.candles.append(Candle(start, opened, high, low, trade.price, trade.quantity))
        self._measure_day()

    def ticker(self, now_ms: int) -> Ticker:
        book = self.shown
        bid, bid_quantity = book.bids[0] if book.bids else (ZERO, ZERO)
        ask, ask_quantity = book.asks[0] if book.asks else (ZERO, ZERO)
        return Ticker(
            symbol=self.spec.symbol,
            bid=bid,
            bid_quantity=bid_quantity,
            ask=ask,
            ask_quantity=ask_quantity,
            last=self.last,
            last_quantity=self.last_quantity or self.spec.step,
            open=self.candles[0].open if self.candles else self.last,
            high=max(self.day_high, self.last),
            low=min(self.day_low, self.last) or self.last,
            volume=self.spec.volume_24h,
            quote_volume=self.spec.volume_24h * self.last,
            time_ms=now_ms,
        )


def _changes(old: Sequence[Level], new: Sequence[Level]) -> tuple[Level, ...]:
    before, after = dict(old), dict(new)
    gone = [(price, ZERO) for price in before if price not in after]
    changed = [level for level in new if before.get(level[0]) != level[1]]
    return (*gone, *changed)


def about_half(taken: list[Level], step: Decimal) -> list[Level]:
    """The first half of what would have been filled, at least one step."""
    left = max(step, floor_to(sum((part for _, part in taken), ZERO) / 2, step))
    half = []
    for price, part in taken:
        if left > 0:
            half.append((price, min(part, left)))
            left -= part
    return half


def merge_candles(minutes: list[Candle], interval_ms: int) -> list[Candle]:
    merged: list[Candle] = []
    for c in minutes:
        start = c.time_ms // interval_ms * interval_ms
        if merged and merged[-1].time_ms == start:
            m = merged[-1]
            high, low = max(m.high, c.high), min(m.low, c.low)
            merged[-1] = Candle(start, m.open, high, low, c.close, m.volume + c.volume)
        else:
            merged.append(Candle(start, c.open, c.high, c.low, c.close, c.volume))
    return merged
