"""Planning: fees, skew and age weigh, grids and minima are obeyed, every leg at the worst level it touches, everything explained."""

import dataclasses
import json
from datetime import timedelta
from decimal import Decimal

import pytest

from broker.routing import rules
from broker.routing.rules import Room
from markets.composite.states import CompositeState
from markets.quotes.errors import UnknownVenue
from tests.market_views import NOON

D = Decimal


def planned(view, *, side="buy", quantity="1", worst="101", venue="best", **more):
    return rules.plan(view, side=side, quantity=D(quantity), worst_price=D(worst), venue=venue, **more)


def legs(plan):
    return {leg.venue: (leg.quantity, leg.limit_price) for leg in plan.legs}


def names(plan):
    return [leg.venue for leg in plan.legs]


def reasons(plan):
    return {v["venue"]: v["reason"] for v in plan.evidence["venues"]}


def test_the_fee_decides(view, quote):
    seen = view(
        quote("kraken", asks=[("99.9", 5)]), quote("binance", asks=[("100", 5)]), quote("bitfinex", asks=[("100", 5)])
    )
    plan = planned(seen)
    assert legs(plan) == {"binance": (1, 100)}
    assert plan.legs[0].effective_price == D("100.1")
    assert reasons(plan) == {"kraken": "dearer", "binance": None, "bitfinex": "dearer"}
    assert plan.residual == 0


def test_sells_mirror(view, quote):
    seen = view(quote("kraken", bids=[("100.1", 5)]), quote("binance", bids=[("100", 5)]))
    assert names(planned(seen, side="sell", worst="99")) == ["binance"]


def test_an_order_is_split_where_that_is_cheaper(view, quote):
    """okx shows 0.4 counted on (0.5 x 0.8) at 99.00; binance the rest at 99.50."""
    seen = view(quote("binance", asks=[("99.5", 5)]), quote("okx", asks=[("99", "0.5"), ("100.5", "4")]))
    plan = planned(seen)
    assert legs(plan) == {"binance": (D("0.6"), D("99.5")), "okx": (D("0.4"), D("99"))}
    assert plan.evidence["best_single"]["venue"] == "binance"
    assert D(plan.evidence["saving"]) == D("0.4") * D("0.5") * D("1.001")
    assert plan.evidence["chosen"] == ["binance", "okx"]


def test_all_that_is_displayed_counts_where_the_cautious_count_is_too_little(view, quote):
    seen = view(quote("binance", asks=[("99", "0.4")]), quote("okx", asks=[("100", "0.6")]))
    assert legs(planned(seen)) == {"binance": (D("0.4"), 99), "okx": (D("0.6"), 100)}
    much = planned(seen, quantity="3")
    assert (legs(much), much.residual) == (legs(planned(seen)), 2)


def test_depth_beyond_the_worst_price_is_no_depth(view, quote):
    seen = view(quote("binance", asks=[("99", "0.4")]), quote("okx", asks=[("100", "0.5"), ("101.5", "50")]))
    plan = planned(seen)
    assert legs(plan) == {"binance": (D("0.4"), 99), "okx": (D("0.5"), 100)}
    assert plan.residual == D("0.1")
    assert [v["depth"] for v in plan.evidence["venues"]] == ["0.4", "0.5"]


def test_one_more_venue_must_save_enough(view, quote):
    """A tenth at 99.99 instead of 100.00 saves 0.001 of 100: a tenth of a basis point."""
    seen = view(quote("binance", asks=[("100", 5)]), quote("okx", asks=[("99.99", "0.125")]))
    plan = planned(seen)
    assert names(plan) == ["binance"]
    assert reasons(plan)["okx"] == "saves_too_little"
    assert set(names(planned(seen, min_saving_bps=D(0)))) == {"binance", "okx"}


def test_a_part_that_the_venue_would_refuse_goes_elsewhere(view, quote):
    """Binance takes no order under 5 USDT: its 0.04 at 99 alone are not for us, with a little at the next price they may be."""
    near = view(quote("binance", asks=[("99", "0.05"), ("100.9", 5)]), quote("okx", asks=[("99.5", 5)]))
    assert legs(planned(near, min_saving_bps=D(0)))["binance"] == (D("0.05051"), D("100.9"))
    far = view(quote("binance", asks=[("99", "0.05"), ("101.9", 5)]), quote("okx", asks=[("99.5", 5)]))
    plan = planned(far, worst="102", min_saving_bps=D(0))
    assert names(plan) == ["okx"]
    assert reasons(plan)["binance"] == "part_too_small"


def test_the_limit_is_the_worst_level_touched_on_the_venue_s_grid(view, quote):
    """Bitfinex counts five digits: 99,980.4 lies between two of its prices, the next one reaches it."""
    seen = view(
        quote("binance", asks=[("99980", 2), ("99983.21", 5)], bids=[("99979", 5)]),
        quote("bitfinex", asks=[("99980.4", 5)], bids=[("99978.6", 5)]),
        price=99980,
    )

    def limit(venue, worst, side="buy", quantity="1"):
        other = frozenset({"binance", "bitfinex"} - {venue})
        made = planned(seen, worst=worst, side=side, quantity=quantity, without=other)
        return made.legs[0].limit_price if made.legs else None

    assert (limit("binance", "99987.6789"), limit("bitfinex", "99987.6789")) == (D("99980"), D(99981))
    assert limit("binance", "99987", quantity="2") == D("99983.21")
    assert (limit("binance", "99970.1", "sell"), limit("bitfinex", "99970.1", "sell")) == (D("99979"), D(99978))
    assert limit("bitfinex", "99980.7") is None, "its limit would be 99,980, below the level"


def test_a_named_venue_gets_all_of_it_at_the_order_s_own_limit(view, quote):
    """Nothing could be cheaper elsewhere, and what is displayed may not be all there is."""
    seen = view(
        quote("binance", asks=[("99980", "0.2")], bids=[("99979", 5)]),
        quote("bitfinex", asks=[("99980", 5)], bids=[("99979", 5)]),
        price=99980,
    )
    buys = {v: legs(planned(seen, worst="99987.6789", venue=v))[v] for v in ("binance", "bitfinex")}
    assert buys == {"binance": (1, D("99987.67")), "bitfinex": (1, D(99987))}
    sells = {v: legs(planned(seen, side="sell", worst="99970.1234", venue=v))[v] for v in buys}
    assert sells == {"binance": (1, D("99970.13")), "bitfinex": (1, D(99971))}


def test_quantity_is_floored_to_the_step_and_too_little_is_dropped(view, quote):
    seen = view(quote("binance", asks=[("100", 5)]), quote("kraken", asks=[("100", 5)]))
    sizes = {v: planned(seen, quantity="0.051234567", venue=v) for v in ("binance", "kraken")}
    assert {v: (plan.legs[0].quantity, plan.residual) for v, plan in sizes.items()} == {
        "binance": (D("0.05123"), D("0.000004567")),
        "kraken": (D("0.05123456"), D("0.000000007")),
    }
    small = planned(seen, quantity="0.04")
    assert (names(small), reasons(small)["binance"]) == (["kraken"], "too_small"), "4 USDT is below Binance's minimum"


def test_what_the_venue_takes_on_top_in_quote(view, quote):
    seen = view(quote("binance", asks=[("100", 5)]), quote("kraken", asks=[("100", 5)]))
    assert {v: planned(seen, venue=v).legs[0].venue_fee_rate for v in ("binance", "kraken")} == {
        "binance": 0,
        "kraken": D("0.0026"),
    }


def test_a_named_venue_is_the_same_code_with_one_venue(view, quote):
    seen = view(quote("binance", asks=[("99", 5)]), quote("kraken", asks=[("100", 5)]))
    plan = planned(seen, venue="kraken")
    assert names(plan) == ["kraken"]
    assert reasons(plan) == {"binance": "not_asked_for", "kraken": None}


def test_an_old_quote_is_counted_on_less(view, quote):
    fresh, old = quote("okx"), quote("okx")
    assert rules.haircut(fresh, NOON) == D("0.8")
    assert rules.haircut(old, NOON + timedelta(seconds=1)) == D("0.6"), "half of the way to stale takes a quarter"
    assert rules.haircut(old, NOON + timedelta(seconds=9)) == D("0.4")
    seen = view(quote("okx", asks=[("99", "0.5")]), quote("binance", asks=[("99.5", 5)]))
    seen = dataclasses.replace(seen, as_of=NOON + timedelta(seconds=1))
    assert legs(planned(seen))["okx"] == (D("0.3"), 99)


@pytest.mark.parametrize(
    ("usable", "expected"), [(300, "0"), (250, "0.000125"), (200, "0.00025"), (100, "0.0005"), (0, "0.0005")]
)
def test_skew_rises_towards_the_warning_line(usable, expected):
    assert rules.skew(Room(usable=D(usable), warning_line=D(100))) == D(expected)
    assert rules.skew(Room(usable=D(usable), warning_line=D(0))) == 0
    assert rules.skew(None) == 0


def test_skew_spares_a_venue_near_its_line(view, quote):
    seen = view(quote("binance", asks=[("100", 5)]), quote("okx", asks=[("100.01", 5)]))
    plenty, little = Room(usable=D(9000), warning_line=D(1000)), Room(usable=D(1100), warning_line=D(1000))
    assert names(planned(seen, room={"binance": plenty, "okx": plenty})) == ["binance"]
    assert names(planned(seen, room={"binance": little, "okx": plenty})) == ["okx"]


def test_funds_bound_what_a_venue_gets(view, quote):
    seen = view(quote("binance", asks=[("100", 5)]), quote("okx", asks=[("100.2", 5)]))
    room = {"binance": Room(usable=D(40), warning_line=D(0)), "okx": Room(usable=D(1000), warning_line=D(0))}
    assert legs(planned(seen, room=room)) == {"binance": (D("0.4"), 100), "okx": (D("0.6"), D("100.2"))}
    [short] = planned(seen, room=room).short
    assert (short.venue, short.needed, short.usable) == ("binance", 100, 40), "treasury shall hear of it"
    assert planned(seen, room={"binance": room["okx"], "okx": room["okx"]}).short == ()
    dry = planned(seen, room={**room, "binance": Room(usable=D(1), warning_line=D(0))})
    assert (names(dry), reasons(dry)["binance"]) == (["okx"], "short_of_funds")
    sold = view(quote("binance", bids=[("100", 5)]), quote("okx", bids=[("99.9", 5)]))
    coins = {"binance": Room(usable=D("0.3"), warning_line=D(0))}
    assert legs(planned(sold, side="sell", worst="99", room=coins))["binance"] == (D("0.3"), 100)


def test_where_nothing_can_be_paid_the_reservation_shall_find_out(view, quote):
    """An empty plan would say that there is no liquidity, and treasury would never hear of the shortage."""
    seen = view(quote("binance", asks=[("100", 5)]), quote("okx", asks=[("100.2", 5)]))
    nothing = Room(usable=D(0), warning_line=D(0))
    assert names(planned(seen, room={"binance": nothing, "okx": nothing})) == ["binance"]
    assert names(planned(seen, room={"binance": nothing}, venue="binance")) == ["binance"], "whoever names it hears it"


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
    assert (plan.evidence["chosen"], plan.residual) == ([], 1)


def test_a_closed_venue_is_not_planned(view, quote):
    seen = view(quote("binance", asks=[("100", 5)]), quote("okx", asks=[("99", 5)]))
    shut = rules.closing(seen, frozenset({"okx"}))
    assert (names(planned(shut)), reasons(planned(shut))["okx"]) == (["binance"], "halted")
    assert rules.closing(seen, frozenset()) is seen


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
    assert [(leg.venue, leg.limit_price, leg.seen) for leg in plan.legs] == [("kraken", D(101), D(101))]
    elsewhere = planned(seen, even_without_depth=True, without=frozenset({"kraken"}))
    assert [(leg.venue, leg.limit_price, leg.seen) for leg in elsewhere.legs] == [("okx", D(101), D("101.5"))]


def test_evidence_is_json_and_names_what_was_seen(view, quote):
    plan = planned(view(quote("okx", asks=[("100", "0.3"), ("100.4", "2")]), quote("kraken", asks=[("103", 1)])))
    evidence = json.loads(json.dumps(plan.evidence))
    assert evidence["chosen"] == ["okx"]
    okx, kraken = evidence["venues"]
    assert (okx["price"], okx["depth"], okx["sequence"], okx["quantity"]) == ("100", "2.3", 7, "1")
    assert D(okx["effective_price"]) == D("100.28") * D("1.001")
    assert (kraken["reason"], kraken["quantity"]) == ("outside_band", None)


def test_unknown_venues_are_denied(view, quote):
    rules.require_venue("best")
    rules.require_venue("okx")
    with pytest.raises(UnknownVenue):
        rules.require_venue("nasdaq")
    with pytest.raises(UnknownVenue):
        planned(view(quote("okx", asks=[("100", 5)])), venue="nasdaq")
