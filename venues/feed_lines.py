"""One symbol's book as it arrives: exact prices, a rising sequence, and the state that tells whether it may be used.

The client library keeps books as floats. The shortest text of a float is the number that the venue sent; it is put on the venue's
price grid, so that two texts of one price are one level. Venues that send raw orders have several at one price: they are summed.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from decimal import Decimal
from typing import Any

from kernel import clock
from kernel.money import half_even_to
from venues.books import DEPTH, BookState, Level, VenueBook
from venues.grids import Grid

DOWN_AFTER = 3

OnBook = Callable[[VenueBook], None]


class CrossedBook(Exception):
    """The best bid is not below the best ask: the copy is broken, or the venue is."""


class Line:
    """The latest book of one symbol; hands every change to `on_book`."""

    def __init__(self, venue: str, symbol: str, on_book: OnBook) -> None:
        self.venue, self.symbol = venue, symbol
        self.grid: Grid | None = None
        self.polled = False
        self.failures = 0
        self._on_book = on_book
        self._last: Decimal | None = None
        self._volume: Decimal | None = None
        self._ticker_best: tuple[Decimal | None, ...] = (None, None)
        self._book = VenueBook(
            venue=venue,
            symbol=symbol,
            bids=(),
            asks=(),
            last=None,
            volume_24h=None,
            sequence=0,
            received_mono=clock.monotonic(),
            received_at=clock.wall(),
            state=BookState.DOWN,
        )

    @property
    def book(self) -> VenueBook:
        return self._book

    def levels(self, bids: Iterable[Sequence[Any]], asks: Iterable[Sequence[Any]]) -> None:
        """A whole book, best levels first.

        Raises:
            CrossedBook: it cannot be right; the line is stale until the next good one.
        """
        book = VenueBook(
            venue=self.venue,
            symbol=self.symbol,
            bids=self._exact(bids),
            asks=self._exact(asks),
            last=self._last,
            volume_24h=self._volume,
            sequence=self._book.sequence + 1,
            received_mono=clock.monotonic(),
            received_at=clock.wall(),
            state=BookState.SYNCED,
            polled=self.polled,
        )
        if book.crossed:
            raise CrossedBook(f"{self.venue} {self.symbol}: bid {book.bid} is not below ask {book.ask}")
        self.failures = 0
        self._show(book)

    def ticker(self, raw: Mapping[str, Any]) -> None:
        """The last price and the day's volume; they travel with the next book, or with the old one where its best prices still hold."""
        self._ticker_best = tuple(None if raw.get(side) is None else Decimal(str(raw[side])) for side in ("bid", "ask"))
        if raw.get("last") is not None:
            self._last = Decimal(str(raw["last"]))
        if raw.get("baseVolume") is not None:
            self._volume = Decimal(str(raw["baseVolume"]))

    def failed(self) -> None:
        """A gap, a crossed book or a broken connection: what we have is old."""
        self.failures += 1
        state = BookState.DOWN if self.failures >= DOWN_AFTER else BookState.STALE
        self._show(self._book.marked(state, self._book.sequence + 1))

    def show_again(self) -> None:
        """The ticker spoke and the book did not. Agreeing best prices prove the book alive: a quiet market is not a broken one."""
        if self._book.state is BookState.SYNCED and self._ticker_best == (self._book.bid, self._book.ask):
            self._show(self._book.renewed(self._last, self._volume, clock.monotonic(), clock.wall()))
        elif self._book.state is BookState.SYNCED and (self._book.last, self._book.volume_24h) != (
            self._last,
            self._volume,
        ):
            self._show(self._book.with_ticker(self._last, self._volume))

    def _show(self, book: VenueBook) -> None:
        self._book = book
        self._on_book(book)

    def _exact(self, raw: Iterable[Sequence[Any]]) -> tuple[Level, ...]:
        levels: dict[Decimal, Decimal] = {}
        for row in raw:
            price, quantity = Decimal(str(row[0])), Decimal(str(row[1]))
            if self.grid is not None:
                price = half_even_to(price, self.grid.tick_at(price))
            if price not in levels and len(levels) == DEPTH:
                break
            levels[price] = levels.get(price, Decimal(0)) + quantity
        return tuple(levels.items())
