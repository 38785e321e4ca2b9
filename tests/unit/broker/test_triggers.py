"""When a resting order starts: the two modes, the band, and what may not be traded on."""

from decimal import Decimal

import pytest

from broker.book import rules
from markets.composite.states import CompositeState
from markets.instruments.states import MarketStatus, Trigger


def fires(view, limit, instrument, side="buy", venue="best"):
    return rules.triggers_now(view, side=side, limit=Decimal(str(limit)), venue=venue, instrument=instrument)


@pytest.mark.parametrize(("limit", "expected"), [("100.99", False), ("101", True), ("101.01", True)])
def test_executable_buys_at_the_ask_or_above(view, quote, instrument, limit, expected):
    seen = view(quote("okx", asks=[(101, 1)], bids=[(99, 1)], last=95))
    assert fires(seen, limit, instrument()) is expected


@pytest.mark.parametrize(("limit", "expected"), [("99.01", False), ("99", True), ("98.99", True)])
def test_executable_sells_at_the_bid_or_below(view, quote, instrument, limit, expected):
    seen = view(quote("okx", asks=[(101, 1)], bids=[(99, 1)], last=105))
    assert fires(seen, limit, instrument(), side="sell") is expected


@pytest.mark.parametrize(
    ("side", "limit", "expected"),
    [("buy", "100", False), ("buy", "100.01", True), ("sell", "100", False), ("sell", "99.99", True)],
)
def test_last_is_strict(view, quote, instrument, side, limit, expected):
    seen = view(quote("okx", asks=[(101, 1)], bids=[(99, 1)], last=100))
    assert fires(seen, limit, instrument(trigger=Trigger.LAST), side=side) is expected


def test_a_wick_triggers_last_and_not_executable(view, quote, instrument):
    wick = view(quote("okx", asks=[(101, 1)], bids=[(99, 1)], last="98.5"))
    assert fires(wick, 99, instrument(trigger=Trigger.LAST))
    assert not fires(wick, 99, instrument())


def test_a_wick_outside_the_band_triggers_nothing(view, quote, instrument):
    wick = view(quote("okx", asks=[(101, 1)], bids=[(99, 1)], last="97.99"))
    assert not fires(wick, 99, instrument(trigger=Trigger.LAST))
    crashed = view(quote("okx", asks=[("97.99", 1)], bids=[(97, 1)]))
    assert not fires(crashed, 99, instrument())
    assert fires(view(quote("okx", asks=[(98, 1)], bids=[(97, 1)])), 99, instrument())


def test_the_markup_is_inside_the_limit(view, quote, instrument):
    seen = view(quote("okx", asks=[(100, 1)], bids=[(100, 1)]))
    dear = instrument(markup=Decimal("0.0002"))
    assert not fires(seen, "100.01", dear)
    assert fires(seen, "100.02", dear)
    assert not fires(seen, "99.99", dear, side="sell")
    assert fires(seen, "99.98", dear, side="sell")


def test_a_named_venue_looks_at_its_own_price(view, quote, instrument):
    seen = view(quote("okx", asks=[(101, 1)], bids=[(99, 1)]), quote("kraken", asks=[(100, 1)], bids=[(98, 1)]))
    assert fires(seen, 100, instrument())
    assert fires(seen, 100, instrument(), venue="kraken")
    assert not fires(seen, 100, instrument(), venue="okx")


def test_nothing_starts_on_what_is_not_tradable(view, quote, instrument):
    stale = view(quote("okx", asks=[(100, 1)], bids=[(99, 1)], last=90, tradable=False))
    for mode in Trigger:
        assert not fires(stale, 100, instrument(trigger=mode))
    good = quote("okx", asks=[(100, 1)], bids=[(99, 1)])
    assert not fires(view(good, price=None), 100, instrument())
    assert not fires(view(good, state=CompositeState.SINGLE), 100, instrument()), "nobody can say what is best"
    assert fires(view(good, state=CompositeState.SINGLE), 100, instrument(), venue="okx")
    assert not fires(view(good), 100, instrument(status=MarketStatus.PAUSED))
