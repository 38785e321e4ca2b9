"""Choosing a venue: cheapest with its fee, enough depth first, grids obeyed, everything explained."""

import json
from decimal import Decimal

import pytest

from broker.routing import rules
from markets.composite.states import CompositeState
from markets.quotes.errors import UnknownVenue


def planned(view, *, side="buy", quantity="1", worst="101", venue="best", **more):
    return rules.plan(view, side=side, quantity=Decimal(quantity), worst_price=Decimal(worst), venue=venue, **more)


def names(plan):
    return [c.venue for c in plan.candidates]


def reasons(plan):
    return {v["venue"]: v["reason"] for v in plan.evidence["venues"]}


def test_the_fee_decides(view, quote):
    seen = view(
        quote("kraken", asks=[("99.9", 5)]), quote("binance", asks=[("100", 5)]), quote("bitfinex", asks=[("100", 5)])
    )
    plan = planned(seen)
    assert names(plan) == ["binance", "kraken", "bitfinex"]
    assert plan.candidates[0].effective_price == Decimal("100.1")
    assert reasons(plan) == {"kraken": "dearer", "binance": None, "bitfinex": "dearer"}


def test_sells_mirror(view, quote):
    seen = view(quote("kraken", bids=[("100.1", 5)]), quote("binance", bids=[("100", 5)]))
    assert names(planned(seen, side="sell", worst="99")) == ["binance", "kraken"]


def test_enough_depth_comes_before_a_better_price(view, quote):
    seen = view(quote("binance", asks=[("99", "0.4")]), quote("okx", asks=[("100", "0.6"), ("100.5", "0.4")]))
    plan = planned(seen)
    assert names(plan) == ["okx", "binance"]
    assert plan.candidates[0].effective_price == Decimal("100.2") * Decimal("1.001")
    assert (plan.candidates[0].enough, plan.candidates[1].enough) == (True, False)
    assert reasons(plan)["binance"] == "too_shallow"


def test_the_deepest_when_nobody_has_enough(view, quote):
    seen = view(quote("binance", asks=[("99", "0.4")]), quote("okx", asks=[("100", "0.5"), ("101.5", "50")]))
    assert names(planned(seen)) == ["okx", "binance"], "depth beyond the worst price is no depth"


def test_the_limit_is_the_worst_price_on_the_venue_s_grid(view, quote):
    seen = view(
        quote("binance", asks=[("99980", 5)], bids=[("99979", 5)]),
        quote("kraken", asks=[("99980", 5)], bids=[("99979", 5)]),
        quote("bitfinex", asks=[("99980", 5)], bids=[("99979", 5)]),
        price=99980,
    )
    buys = {c.venue: c.limit_price for c in planned(seen, worst="99987.6789").candidates}
    assert buys == {"binance": Decimal("99987.67"), "kraken": Decimal("99987.6"), "bitfinex": Decimal(99987)}
    sells = {c.venue: c.limit_price for c in planned(seen, side="sell", worst="99970.1234").candidates}
    assert sells == {"binance": Decimal("99970.13"), "kraken": Decimal("99970.2"), "bitfinex": Decimal(99971)}


def test_quantity_is_floored_to_the_step_and_too_little_is_dropped(view, quote):
    seen = view(quote("binance", asks=[("100", 5)]), quote("kraken", asks=[("100", 5)]))
    plan = planned(seen, quantity="0.051234567")
    assert {c.venue: c.quantity for c in plan.candidates} == {
        "binance": Decimal("0.05123"),
        "kraken": Decimal("0.05123456"),
    }
    small = planned(seen, quantity="0.04")
    assert (names(small), reasons(small)["binance"]) == (["kraken"], "too_small"), "4 USDT is below Binance's minimum"


def test_what_the_venue_takes_on_top_in_quote(view, quote):
    seen = view(quote("binance", asks=[("100", 5)]), quote("kraken", asks=[("100", 5)]))
    assert {c.venue: c.venue_fee_rate for c in planned(seen).candidates} == {"binance": 0, "kraken": Decimal("0.0026")}


def test_a_named_venue_is_the_same_code_with_one_venue(view, quote):
    seen = view(quote("binance", asks=[("99", 5)]), quote("kraken", asks=[("100", 5)]))
    plan = planned(seen, venue="kraken")
    assert names(plan) == ["kraken"]
    assert reasons(plan) == {"binance": "not_asked_for", "kraken": None}


def test_who_is_left_out_and_why(view, quote):
    seen = view(
        quote("binance", asks=[("100", 5)], tradable=False),
        quote("okx", asks=[("100", 5)]),
        quote("kraken", asks=[("101.5", 5)]),
        quote("bitfinex", asks=[("97", 5)]),
    )
    plan = planned(seen, without=frozenset({"okx"}))
    assert plan.candidates == ()
    assert reasons(plan) == {
        "binance": "halted",
        "okx": "refused_before",
        "kraken": "no_depth",
        "bitfinex": "outside_band",
    }
    assert plan.evidence["chosen"] is None


def test_a_single_source_takes_only_orders_that_name_it(view, quote):
    seen = view(quote("okx", asks=[("100", 5)]), state=CompositeState.SINGLE)
    assert reasons(planned(seen)) == {"okx": "single_source"}
    assert names(planned(seen, venue="okx")) == ["okx"]


def test_a_venue_that_does_not_list_the_symbol(view, quote):
    seen = view(quote("okx", asks=[("100", 5)]), symbol="DOGE-USDT")
    assert reasons(planned(seen)) == {"okx": "not_listed"}


def test_a_print_can_start_an_order_without_depth(view, quote):
    seen = view(quote("okx", asks=[("101.5", 5)], last=100), quote("kraken", last=100))
    plan = planned(seen, even_without_depth=True)
    assert [(c.venue, c.limit_price, c.seen, c.enough) for c in plan.candidates] == [
        ("kraken", Decimal(101), Decimal(101), False),
        ("okx", Decimal(101), Decimal("101.5"), False),
    ]


def test_evidence_is_json_and_names_what_was_seen(view, quote):
    plan = planned(view(quote("okx", asks=[("100", "0.3"), ("100.4", "2")]), quote("kraken", asks=[("103", 1)])))
    evidence = json.loads(json.dumps(plan.evidence))
    assert evidence["chosen"] == "okx"
    okx, kraken = evidence["venues"]
    assert (okx["price"], okx["depth"], okx["sequence"], okx["rank"]) == ("100", "2.3", 7, 0)
    assert Decimal(okx["effective_price"]) == Decimal("100.28") * Decimal("1.001")
    assert (kraken["reason"], kraken["rank"]) == ("outside_band", None)


def test_unknown_venues_are_denied(view, quote):
    rules.require_venue("best")
    rules.require_venue("okx")
    with pytest.raises(UnknownVenue):
        rules.require_venue("nasdaq")
    with pytest.raises(UnknownVenue):
        planned(view(quote("okx", asks=[("100", 5)])), venue="nasdaq")
