"""The copy that others read: nothing is lost on the way, and its age decides what may still be believed."""

import json
from datetime import timedelta
from decimal import Decimal

import pytest

from markets.composite.states import CompositeState
from markets.quotes import service
from markets.quotes.api import book_out, quotes_out
from markets.quotes.codec import decode, encode
from markets.quotes.errors import UnknownVenue
from venues.books import BookState


def full(market):
    market.books(60000)
    market.book("kraken", 60200)
    market.book("bitfinex", 66000, last=None, state=BookState.STALE)
    return market.tick(0.125)


def test_a_view_survives_the_copy(market):
    view = full(market)
    assert decode(encode(view)) == view
    assert decode(encode(market.state.tick(market.now + 60, view.as_of))).composite.state is CompositeState.HALT


def test_an_empty_market_survives_the_copy(market):
    view = market.tick()
    assert decode(encode(view)) == view


def test_a_jump_survives_the_copy(market):
    market.books(60000)
    market.tick()
    market.books(64000)
    view = market.tick(0.1)
    assert view.composite.paused_until is not None
    assert decode(encode(view)) == view


def test_decimals_travel_as_strings_without_exponents(market):
    market.books(60000)
    market.book("okx", 60000, asks=((Decimal(60001), Decimal("1E-8")),))
    text = encode(market.tick())

    def refuse(number):
        raise AssertionError(number)

    body = json.loads(text, parse_float=lambda n: n if n in {"2.0", "3.0"} else refuse(n))
    okx = next(v for v in body["venues"] if v["venue"] == "okx")
    assert okx["asks"] == [["60001", "0.00000001"]]


def test_a_fresh_copy_is_as_it_was(market):
    view = full(market)
    assert view.at(view.as_of + timedelta(seconds=1)) == view


def test_a_copy_older_than_three_seconds_halts(market):
    view = full(market)
    later = view.at(view.as_of + timedelta(seconds=3, milliseconds=1))
    assert later.composite.state is CompositeState.HALT
    assert later.composite.price == view.composite.price
    assert later.usable == 0
    assert {v.state for v in later.venues} == {BookState.STALE}
    assert later.tradable("binance") == ()
    assert later.best("buy") is None
    assert view.at(view.as_of + timedelta(seconds=3)).composite.state is CompositeState.NORMAL


def test_an_old_quote_in_a_young_copy_is_stale(market):
    market.books(60000)
    view = market.tick(1.9)
    later = view.at(view.as_of + timedelta(seconds=1.7))
    assert [v.state for v in later.venues] == [BookState.STALE] * 2 + [BookState.SYNCED] * 2
    assert [v.venue for v in later.tradable("best")] == ["kraken", "bitfinex"]
    assert later.composite == view.composite


def test_what_the_api_shows(market):
    view = full(market)
    shown = json.loads(quotes_out(view, view.as_of + timedelta(milliseconds=500)).model_dump_json())
    assert set(shown) == {"symbol", "composite", "venues", "best"}
    composite = shown["composite"]
    assert (composite["price"], composite["state"]) == ("60066.67", "NORMAL")
    assert {"price", "state", "confidence", "as_of", "constituents"} <= set(composite)
    assert {"venue", "mid", "weight", "used", "reason"} <= set(composite["constituents"][0])
    by_venue = {v["venue"]: v for v in shown["venues"]}
    assert by_venue["okx"] == {
        "venue": "okx",
        "bid": "59999",
        "ask": "60001",
        "last": "60000",
        "age_ms": 625,
        "state": "SYNCED",
    }
    assert (by_venue["bitfinex"]["last"], by_venue["bitfinex"]["state"]) == (None, "STALE")
    assert shown["best"] == {
        "buy": {"venue": "binance", "price": "60001"},
        "sell": {"venue": "kraken", "price": "60199"},
    }


def test_a_pause_is_shown_until_it_is_over(market):
    market.books(60000)
    market.tick()
    market.books(64000)
    view = market.tick(0.1)
    assert quotes_out(view, view.as_of).composite.market_orders_paused_until == view.composite.paused_until
    assert quotes_out(view, view.as_of + timedelta(seconds=11)).composite.market_orders_paused_until is None


def test_the_book_of_one_venue_and_of_all(market):
    view = full(market)
    kraken = book_out(view, "kraken", view.as_of)
    assert [(level.price, level.quantity, level.venue) for level in kraken.asks] == [(60201, 3, "kraken")]
    everybody = book_out(view, "consolidated", view.as_of)
    assert [(level.price, level.venue) for level in everybody.bids] == [
        (60199, "kraken"),
        (59999, "binance"),
        (59999, "okx"),
    ]
    assert [level.price for level in everybody.asks] == [60001, 60001, 60201]
    assert (everybody.state, everybody.age_ms) == (BookState.SYNCED, 125)
    assert book_out(view, "bitfinex", view.as_of).state is BookState.STALE
    with pytest.raises(UnknownVenue):
        service.book(view, "nasdaq")


def test_the_book_before_any_quote(market):
    shown = book_out(market.tick(), "consolidated", market.tick().as_of)
    assert (shown.bids, shown.asks, shown.age_ms, shown.state) == ([], [], None, BookState.STALE)
