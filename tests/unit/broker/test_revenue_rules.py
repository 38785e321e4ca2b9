"""Marks, what a fill leaves with the house, and positions at average cost."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from broker.revenue import rules
from broker.revenue.rules import Flow, Position, Price

D = Decimal


def fill(**changes):
    facts = {
        "owner": "customer",
        "side": "buy",
        "base": "BTC",
        "quote": "USDT",
        "quantity": D("0.5"),
        "venue_cost": D(49985),
        "customer_cost": D("49994.997"),
        "customer_fee": D("49.994997"),
        "venue_fee": D("0.00025"),
        "fee_asset": "BTC",
    }
    return rules.Fill(**(facts | changes))


def moved(one, marks):
    return {flow.asset: (flow.quantity, flow.worth) for flow in rules.flows(one, marks)}


def test_marks_go_by_the_shortest_chain():
    prices = [
        Price("ETH", "BTC", D("0.05")),
        Price("BTC", "USDT", D(60000)),
        Price("XRP", "ETH", D("0.001")),
        Price("ABC", "DEF", D(1)),
    ]
    assert rules.marks(prices) == {"USDT": 1, "BTC": 60000, "ETH": 3000, "XRP": 3}
    assert rules.marks([Price("USDT", "EUR", D("0.8"))])["EUR"] == D("1.25")
    assert rules.marks([]) == {"USDT": 1}


def test_a_buy_leaves_fee_and_spread_and_takes_the_venues_fee():
    assert moved(fill(), {"USDT": D(1), "BTC": D(100_000)}) == {
        "USDT": (D("59.991997"), D("59.991997")),
        "BTC": (D("-0.00025"), D(-25)),
    }


def test_a_sell_mirrors_and_a_fee_in_quote_is_netted():
    one = fill(
        side="sell", venue_cost=D(1000), customer_cost=D(999), customer_fee=D(1), venue_fee=D(2), fee_asset="USDT"
    )
    assert rules.flows(one, {"USDT": D(1)}) == [], "one of fee, one of spread, two to the venue"


def test_a_late_fill_is_the_houses_and_earns_nothing():
    one = fill(owner="house", venue_fee=D(3), fee_asset="BNB")
    assert (one.trade_fee, one.spread) == (0, 0)
    assert moved(one, {"USDT": D(1), "BTC": D(100_000)}) == {
        "USDT": (D(-49985), D(-49985)),
        "BTC": (D("0.5"), D(50000)),
        "BNB": (D(-3), D(0)),
    }


def test_average_cost():
    held = Position()
    for quantity, price in ((2, 100), (2, 110)):
        held = rules.take(held, Flow("X", D(quantity), D(quantity * price)))
    assert held == Position(D(4), D(420), D(0))
    held = rules.take(held, Flow("X", D(-1), D(-120)))
    assert held == Position(D(3), D(315), D(15))
    assert held.unrealised(D(100)) == D(-15)
    held = rules.take(held, Flow("X", D(-5), D(-500)))  # through zero: three are closed at 100, two are short
    assert held == Position(D(-2), D(-200), D(0))
    held = rules.take(held, Flow("X", D(2), D(180)))
    assert held == Position(D(0), D(0), D(20))


@given(st.lists(st.tuples(st.integers(-50, 50).filter(bool), st.integers(1, 500)), max_size=30), st.integers(1, 500))
def test_what_was_made_is_what_went_in_and_what_is_left(trades, mark):
    """realised + unrealised = worth of what is left minus everything paid, whatever the order of trades."""
    held = Position()
    for quantity, price in trades:
        held = rules.take(held, Flow("X", D(quantity), D(quantity * price)))
    assert held.quantity == sum(quantity for quantity, _ in trades)
    paid = sum(quantity * price for quantity, price in trades)
    assert held.realised + held.unrealised(D(mark)) == pytest.approx(held.quantity * mark - paid, abs=D("1e-9"))
    if held.quantity == 0:
        assert abs(held.cost) < D("1e-9")
