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
    """The venues that could take the order, best first; the plan sends to the first."""
    ranks = {v["rank"]: v["venue"] for v in plan.evidence["venues"] if v["rank"] is not None}
    assert [leg.venue for leg in plan.legs] == [ranks[0]]
    return [ranks[i] for i in sorted(ranks)]


def reasons(plan):
    return {v["venue"]: v["reason"] for v in plan.evidence["venues"]}


def test_the_fee_decides(view, quote):
    seen = view(
        quote("kraken", asks=[("99.9", 5)]), quote("binance", asks=[("100", 5)]), quote("bitfinex", asks=[("100", 5)])
    )
    plan = planned(seen)
    assert names(plan) == ["binance", "kraken", "bitfinex"]
    assert plan.legs[0].effective_price == Decimal("100.1")
    assert reasons(plan) == {"kraken": "dearer", "binance": None, "bitfinex": "dearer"}


def test_sells_mirror(view, quote):
    seen = view(quote("kraken", bids=[("100.1", 5)]), quote("binance", bids=[("100", 5)]))
    assert names(planned(seen, side="sell", worst="99")) == ["binance", "kraken"]


def test_enough_depth_comes_before_a_better_price(view, quote):
    seen = view(quote("binance", asks=[("99", "0.4")]), quote("okx", asks=[("100", "0.6"), ("100.5", "0.4")]))
    plan = planned(seen)
    assert names(plan) == ["okx", "binance"]
    assert plan.legs[0].effective_price == Decimal("100.2") * Decimal("1.001")
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
    buys = {
        v: planned(seen, worst="99987.6789", venue=v).legs[0].limit_price for v in ("binance", "kraken", "bitfinex")
    }
    assert buys == {"binance": Decimal("99987.67"), "kraken": Decimal("99987.6"), "bitfinex": Decimal(99987)}
    sells = {v: planned(seen, side="sell", worst="99970.1234", venue=v).legs[0].limit_price for v in buys}
    assert sells == {"binance": Decimal("99970.13"), "kraken": Decimal("99970.2"), "bitfinex": Decimal(99971)}


def test_quantity_is_floored_to_the_step_and_too_little_is_dropped(view, quote):
    seen = view(quote("binance", asks=[("100", 5)]), quote("kraken", asks=[("100", 5)]))
    sizes = {v: planned(seen, quantity="0.051234567", venue=v) for v in ("binance", "kraken")}
    assert {v: (plan.legs[0].quantity, plan.residual) for v, plan in sizes.items()} == {
        "binance": (Decimal("0.05123"), Decimal("0.000004567")),
        "kraken": (Decimal("0.05123456"), Decimal("0.000000007")),
    }
    small = planned(seen, quantity="0.04")
    assert (names(small), reasons(small)["binance"]) == (["kraken"], "too_small"), "4 USDT is below Binance's minimum"


def test_what_the_venue_takes_on_top_in_quote(view, quote):
    seen = view(quote("binance", asks=[("100", 5)]), quote("kraken", asks=[("100", 5)]))
    assert {v: planned(seen, venue=v).legs[0].venue_fee_rate for v in ("binance", "kraken")} == {
        "binance": 0,
        "kraken": Decimal("0.0026"),
    }


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
    assert plan.legs == ()
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
    assert [(leg.venue, leg.limit_price, leg.seen) for leg in plan.legs] == [("kraken", Decimal(101), Decimal(101))]
    elsewhere = planned(seen, even_without_depth=True, without=frozenset({"kraken"}))
    assert [(leg.venue, leg.limit_price, leg.seen) for leg in elsewhere.legs] == [
        ("okx", Decimal(101), Decimal("101.5"))
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
