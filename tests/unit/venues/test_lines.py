"""Books become exact: floats by their shortest text, raw orders summed, crossed books refused, states after failures."""

from decimal import Decimal

import pytest

from venues.books import DEPTH, BookState
from venues.feed_lines import CrossedBook, Line
from venues.grids import default_grid

D = Decimal


def line(venue="binance", symbol="BTC-USDT"):
    shown = []
    it = Line(venue, symbol, shown.append)
    it.grid = default_grid(venue, symbol)
    return it, shown


def test_floats_become_the_prices_that_were_sent():
    it, shown = line()
    it.levels([[60000.1, 0.1], [0.1 + 0.2, 1e-05]], [["60000.37", "2"]])
    assert shown[-1].bids == ((D("60000.1"), D("0.1")), (D("0.3"), D("0.00001")))
    assert shown[-1].asks == ((D("60000.37"), D(2)),)
    assert shown[-1].state is BookState.SYNCED


def test_raw_orders_of_one_price_are_one_level():
    it, shown = line("bitfinex")
    it.levels([["59990", "1"], ["59990", "0.5"], ["59980", "2"]], [["60010", "1"]])
    assert shown[-1].bids == ((D(59990), D("1.5")), (D(59980), D(2)))


def test_depth_is_bounded_and_the_last_level_complete():
    it, shown = line("bitfinex")
    orders = [[str(59000 - i), "1"] for i in range(DEPTH + 5) for _ in range(2)]
    it.levels(orders, [])
    assert len(shown[-1].bids) == DEPTH
    assert {quantity for _, quantity in shown[-1].bids} == {D(2)}


def test_crossed_book_is_refused():
    it, shown = line()
    it.levels([[10, 1]], [[11, 1]])
    with pytest.raises(CrossedBook):
        it.levels([[11, 1]], [[11, 1]])
    assert len(shown) == 1


def test_failures_make_it_stale_then_down_and_a_book_heals():
    it, shown = line()
    it.levels([[10, 1]], [[11, 1]])
    received = shown[-1].received_mono
    for state in (BookState.STALE, BookState.STALE, BookState.DOWN):
        it.failed()
        assert shown[-1].state is state
        assert shown[-1].received_mono == received, "old levels keep their age"
    it.levels([[10, 1]], [[11, 1]])
    assert shown[-1].state is BookState.SYNCED
    assert [book.sequence for book in shown] == [1, 2, 3, 4, 5]


def test_ticker_travels_with_the_book_and_shows_when_it_changes():
    it, shown = line()
    it.ticker({"last": "10.5", "baseVolume": "8000"})
    it.show_again()
    assert not shown, "no book yet"
    it.levels([[10, 1]], [[11, 1]])
    assert (shown[-1].last, shown[-1].volume_24h) == (D("10.5"), D(8000))
    it.ticker({"last": "10.6", "baseVolume": None})
    it.show_again()
    it.show_again()
    assert (len(shown), shown[-1].last, shown[-1].volume_24h) == (2, D("10.6"), D(8000))
