"""A market in memory: ages, states, what may be traded on, and the late venue that is not boxed."""

from datetime import timedelta
from decimal import Decimal

from markets.composite.states import CompositeState, Reason
from venues.books import BookState

STREAMED, POLLED = ("binance", "okx"), ("kraken", "bitfinex")


def part(view, venue):
    return next(c for c in view.composite.constituents if c.venue == venue)


def test_a_full_market_is_normal(market):
    market.books(60000)
    view = market.tick()
    assert (view.composite.state, view.composite.price, view.usable, view.sequence) == (
        CompositeState.NORMAL,
        Decimal(60000),
        4,
        1,
    )
    assert all(v.tradable and v.state is BookState.SYNCED for v in view.venues)
    assert view.composite.band == Decimal("0.02")


def test_before_the_first_book_everything_is_down(market):
    view = market.tick()
    assert (view.composite.state, view.composite.price, view.composite.as_of) == (CompositeState.HALT, None, None)
    assert {(v.state, v.as_of, v.tradable) for v in view.venues} == {(BookState.DOWN, None, False)}


def test_streams_are_stale_after_two_seconds_and_polls_after_three_intervals(market):
    market.books(60000)
    market.now += 2.0
    assert market.tick().usable == 4
    view = market.tick(0.001)
    assert [v.state for v in view.venues] == [BookState.STALE, BookState.STALE, BookState.SYNCED, BookState.SYNCED]
    assert view.composite.state is CompositeState.DEGRADED
    assert part(view, "binance").reason is Reason.STALE
    assert market.tick(1.0).usable == 0


def test_halt_keeps_the_last_price_with_its_time(market):
    market.books(60000)
    made_at = market.tick().as_of
    view = market.tick(10.0)
    assert (view.composite.state, view.composite.price, view.composite.as_of) == (
        CompositeState.HALT,
        Decimal(60000),
        made_at,
    )
    assert not any(v.tradable for v in view.venues)
    assert view.best("buy") is None
    assert view.tradable("binance") == ()


def test_states_by_what_the_feed_says(market):
    market.books(60000)
    market.book("okx", 60000, state=BookState.STALE)
    market.book("kraken", 60000, state=BookState.DOWN)
    view = market.tick()
    assert (part(view, "okx").reason, part(view, "kraken").reason) == (Reason.STALE, Reason.DOWN)
    assert [v.state for v in view.venues] == [BookState.SYNCED, BookState.STALE, BookState.DOWN, BookState.SYNCED]


def test_maintenance_takes_a_venue_out(market):
    market.books(60000)
    market.state.set_maintenance(frozenset({"okx"}))
    view = market.tick()
    assert (part(view, "okx").reason, view.venue("okx").tradable) == (Reason.MAINTENANCE, False)


def test_a_crossed_book_is_shown_stale(market):
    market.books(60000)
    market.book("okx", 60000, half=-1)
    view = market.tick()
    assert (part(view, "okx").reason, view.venue("okx").state, view.venue("okx").tradable) == (
        Reason.CROSSED,
        BookState.STALE,
        False,
    )


def test_a_one_sided_book_can_be_traded_by_its_other_side(market):
    market.books(60000)
    market.book("okx", 60000, bids=())
    view = market.tick()
    assert (part(view, "okx").used, part(view, "okx").reason) == (False, Reason.ONE_SIDED)
    assert view.venue("okx").tradable


def test_on_a_single_source_only_orders_that_name_it(market):
    market.book("okx", 60000)
    view = market.tick()
    assert view.composite.state is CompositeState.SINGLE
    assert view.tradable("best") == ()
    assert [v.venue for v in view.tradable("okx")] == ["okx"]


def test_best_counts_the_fee(market):
    market.books(60000)
    market.book("kraken", 59990)  # the cheapest ask, but 0.26 %
    market.book("okx", "59999.5")
    view = market.tick()
    assert (view.best("buy").venue, view.best("buy").price) == ("okx", Decimal("60000.5"))
    assert (view.best("sell").venue, view.best("sell").price) == ("binance", Decimal(59999))


def test_ages_are_wall_time(market):
    market.books(60000)
    view = market.tick(0.25)
    assert {v.age_ms(view.as_of) for v in view.venues} == {250}
    assert view.venues[0].age_ms(view.as_of + timedelta(seconds=1)) == 1250
    assert view.venues[0].age_ms(view.as_of - timedelta(seconds=9)) == 0


def test_one_venue_ten_per_cent_off_is_excluded_at_once_and_boxed_after_three_seconds(market):
    for i in range(40):
        market.books(60000, ("binance", "okx", "bitfinex"))
        market.book("kraken", 66000)
        view = market.tick(0.1)
        expected = Reason.DEVIATES if i < 32 else Reason.BOXED
        if i not in {29, 30, 31}:
            assert part(view, "kraken").reason is expected, i
        assert (view.composite.price, view.composite.state, view.venue("kraken").tradable) == (
            Decimal(60000),
            CompositeState.NORMAL,
            False,
        )


def test_all_venues_step_polled_ones_later_and_nobody_is_boxed(market):
    """Polls come a second apart; with each poll a venue joins the step, and with the last one all is well."""
    for _ in range(20):
        market.books(60000)
        market.tick(0.1)
    reasons, states = set(), []
    for i in range(30):
        market.books(66000, STREAMED)
        for offset, venue in enumerate(POLLED):  # kraken polls at 0.9 s, bitfinex at 1.9 s
            if (i + 1) % 10 == 0:
                market.book(venue, 66000 if i >= 9 + 10 * offset else 60000)
        view = market.tick(0.1)
        states.append(view.composite.state)
        reasons |= {c.reason for c in view.composite.constituents}
    assert states[0] is CompositeState.HALT, "two against two: nobody knows"
    assert states[-1] is CompositeState.NORMAL
    assert view.usable == 4
    assert view.composite.price == Decimal(66000)
    assert reasons <= {None, Reason.DEVIATES}


def test_one_stream_moves_first_and_slow_polls_follow(market):
    """Three polled venues against one stream: the stream is excluded until the polls follow, and never boxed."""
    market.state = type(market.state)(market.state.instrument, venues=("binance", "kraken", "bitfinex"), poll_s=5.0)
    market.books(60000, ("binance", "kraken", "bitfinex"))
    market.tick()
    for _ in range(48):
        market.book("binance", 66000)
        view = market.tick(0.1)
        assert part(view, "binance").reason is Reason.DEVIATES
    market.books(66000, ("kraken", "bitfinex"))
    view = market.tick(0.1)
    assert (view.usable, view.composite.price) == (3, Decimal(66000))


def test_a_jump_pauses_market_orders_and_clear_ends_it(market):
    market.books(60000)
    market.tick()
    market.books(63001)
    view = market.tick(0.1)
    assert view.composite.paused_until == view.as_of + timedelta(seconds=10)
    assert view.composite.band == Decimal("0.04")
    market.state.clear()
    market.books(66200)
    view = market.tick(0.1)
    assert (view.composite.paused_until, view.composite.band) == (None, Decimal("0.02"))


def test_clear_lets_a_boxed_venue_back(market):
    for _ in range(40):
        market.books(60000, ("binance", "okx", "bitfinex"))
        market.book("kraken", 66000)
        view = market.tick(0.1)
    assert part(view, "kraken").reason is Reason.BOXED
    market.state.clear()
    market.books(60000)
    assert market.tick().usable == 4


def test_volume_is_frozen_for_an_hour(market):
    market.books(60000)
    market.tick()
    market.book("binance", 60000, volume_24h=Decimal(10**9))
    assert part(market.tick(), "binance").weight == Decimal("0.25")
    market.now += 3601
    market.books(60000)
    market.book("binance", 60000, volume_24h=Decimal(10**9))
    assert part(market.tick(), "binance").weight == Decimal("0.5")


def test_late_names_who_does_not_show_the_price_yet(market):
    wanted = {"binance": Decimal(61000), "kraken": Decimal(61000), "elsewhere": Decimal(1)}
    assert market.state.late(wanted) == {"binance", "kraken"}
    market.book("binance", 61000)
    assert market.state.late(wanted) == {"kraken"}
    market.book("kraken", 60000, state=BookState.DOWN)
    assert market.state.late(wanted) == frozenset(), "one that is down shows nothing"


def test_books_of_other_markets_and_venues_are_ignored(market):
    market.book("binance", 60000, symbol="ETH-USDT")
    market.book("nowhere", 60000)
    assert market.tick().usable == 0
