"""A market in the memory of its owner: books come in, a view comes out. No I/O and no clock of its own.

Staleness is judged here, at every tick, because a feed that has died cannot say so. A venue's 24 h volume is taken once an hour: the
weights should not move with the noise of a ticker. In HALT the last price stays, marked, and nothing is tradable.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from decimal import Decimal

from kernel.settings import settings
from markets.composite.history import JumpDetector, PenaltyBox, Volatility
from markets.composite.rules import DEFAULT_RULES, Composite, CompositeRules, Constituent, VenueInput, composite
from markets.composite.states import CompositeState, Reason
from markets.guards.rules import DEFAULT, Guards
from markets.instruments.service import Instrument
from markets.quotes.view import CompositeView, MarketView, VenueQuote
from venues.books import BookState, VenueBook

STREAM_MAX_AGE_S = 2.0
POLLS_MISSED = 3
VOLUME_FROZEN_S = 3600.0
TRADABLE_REASONS = frozenset({None, Reason.CLAMPED, Reason.WIDE, Reason.ONE_SIDED})
_BARRED = {BookState.DOWN: Reason.DOWN, BookState.STALE: Reason.STALE}


class MarketState:
    """One market. `instrument` and `guards` may be replaced when an administrator changed them."""

    def __init__(
        self,
        instrument: Instrument,
        *,
        venues: Sequence[str],
        poll_s: float | None = None,
        rules: CompositeRules = DEFAULT_RULES,
    ) -> None:
        self.instrument = instrument
        self._venues = tuple(venues)
        self._poll_s = settings().venue_poll_s if poll_s is None else poll_s
        self._rules = rules
        self._books: dict[str, VenueBook] = {}
        self._volumes: dict[str, tuple[float, Decimal]] = {}
        self._maintenance: frozenset[str] = frozenset()
        self._box = PenaltyBox(deviates_beyond=rules.exclude_beyond)
        self._jumps = JumpDetector()
        self._volatility = Volatility()
        self.guards: Guards = DEFAULT
        self._last_price: tuple[Decimal, datetime] | None = None
        self._sequence = 0

    def on_book(self, book: VenueBook) -> None:
        if book.venue in self._venues and book.symbol == self.instrument.symbol:
            self._books[book.venue] = book

    def set_maintenance(self, venues: frozenset[str]) -> None:
        """Venues that announced maintenance take no part, whatever they still show."""
        self._maintenance = venues

    def release(self, venue: str) -> None:
        """A person lets a boxed venue back in."""
        self._box.release(venue)

    def clear(self) -> None:
        """Forget deviations and jumps: a sandbox has re-based the price."""
        self._box.clear()
        self._jumps.clear()
        self._volatility.clear()

    def late(self, wanted: Mapping[str, Decimal]) -> frozenset[str]:
        """Which of these venues do not show this mid yet. One that is down shows nothing and is not waited for."""
        return frozenset(
            venue for venue, mid in wanted.items() if venue in self._venues and not self._shows(venue, mid)
        )

    def _shows(self, venue: str, mid: Decimal) -> bool:
        book = self._books.get(venue)
        if book is None:
            return False
        if book.state is BookState.DOWN:
            return True
        return book.bid is not None and book.ask is not None and (book.bid + book.ask) / 2 == mid

    def tick(self, now_mono: float, now_wall: datetime) -> MarketView:
        """Judge every book by its age and make the composite."""
        for book in self._books.values():
            self._take_volume(book, now_mono)
        made = composite(
            [self._input(venue, now_mono) for venue in self._venues], tick=self.instrument.tick, rules=self._rules
        )
        self._remember(made, now_mono, now_wall)
        self._sequence += 1
        return MarketView(
            symbol=self.instrument.symbol,
            sequence=self._sequence,
            as_of=now_wall,
            composite=self._composite_view(made, now_mono, now_wall),
            venues=tuple(self._quote(part, made.state, now_mono, now_wall) for part in made.constituents),
        )

    def _max_age_s(self, book: VenueBook) -> float:
        return POLLS_MISSED * self._poll_s if book.polled else STREAM_MAX_AGE_S

    def _take_volume(self, book: VenueBook, now_mono: float) -> None:
        known = self._volumes.get(book.venue)
        if book.volume_24h is not None and (known is None or now_mono - known[0] > VOLUME_FROZEN_S):
            self._volumes[book.venue] = (now_mono, book.volume_24h)

    def _input(self, venue: str, now_mono: float) -> VenueInput:
        book = self._books.get(venue)
        if book is None:
            return VenueInput(venue=venue, bid=None, ask=None, barred=Reason.DOWN)
        volume = self._volumes.get(venue)
        return VenueInput(
            venue=venue,
            bid=book.bid,
            ask=book.ask,
            volume_24h=volume[1] if volume else None,
            sequence=book.sequence,
            age_s=now_mono - book.received_mono,
            max_age_s=self._max_age_s(book),
            boxed=self._box.reason(venue),
            barred=Reason.MAINTENANCE if venue in self._maintenance else _BARRED.get(book.state),
        )

    def _remember(self, made: Composite, now_mono: float, now_wall: datetime) -> None:
        compared = [c for c in made.constituents if c.deviation is not None]
        oldest = min((self._books[c.venue].received_mono for c in compared), default=now_mono)
        deviations = {c.venue: c.deviation for c in made.constituents}
        self._box.update(now_mono, deviations, agreeing=made.usable, oldest_quote=oldest)
        self._jumps.update(now_mono, made.price)
        if made.price is not None:
            self._last_price = (made.price, now_wall)

    def _composite_view(self, made: Composite, now_mono: float, now_wall: datetime) -> CompositeView:
        price, as_of = self._last_price or (None, None)
        pause_s = self._jumps.pause_left_s(now_mono)
        return CompositeView(
            price=price,
            as_of=as_of,
            state=made.state,
            confidence=made.confidence,
            constituents=made.constituents,
            pair_differs=made.pair_differs,
            paused_until=now_wall + timedelta(seconds=pause_s) if pause_s > 0 else None,
            band=self.guards.wide_band if self._jumps.wide(now_mono) else self.guards.band,
            volatility=self._volatility.update(now_mono, made.price),
        )

    def _quote(self, part: Constituent, state: CompositeState, now_mono: float, now_wall: datetime) -> VenueQuote:
        book = self._books.get(part.venue)
        if book is None:
            return VenueQuote(venue=part.venue, state=BookState.DOWN)
        age_s = max(now_mono - book.received_mono, 0.0)
        aged = book.state is BookState.SYNCED and age_s > self._max_age_s(book)
        shown = BookState.STALE if aged or part.reason is Reason.CROSSED else book.state
        return VenueQuote(
            venue=part.venue,
            state=shown,
            bids=book.bids,
            asks=book.asks,
            last=book.last,
            sequence=book.sequence,
            as_of=now_wall - timedelta(seconds=age_s),
            max_age_s=self._max_age_s(book),
            tradable=shown is BookState.SYNCED and state is not CompositeState.HALT and part.reason in TRADABLE_REASONS,
        )
