"""Slices, whole orders and sizes: pure rules against plain arithmetic."""

from datetime import timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from broker.algos import rules as slicing
from broker.orders import errors, rules
from broker.routing import rules as routing
from tests.market_views import make_instrument, make_quote, make_view

D = Decimal
LOT = D("0.00001")


@given(units=st.integers(min_value=500, max_value=10**9), slices=st.integers(min_value=2, max_value=500))
def test_slices_are_even_on_the_lot_and_exact_in_sum(units, slices):
    quantity = units * LOT
    made = slicing.schedule(quantity, duration=timedelta(hours=1), slices=slices, lot=LOT)
    targets = [each.target for each in made]
    sizes = [b - a for a, b in zip([D(0), *targets], targets, strict=False)]
    assert sum(sizes) == quantity == targets[-1]
    assert all(size % LOT == 0 for size in sizes)
    assert max(sizes) - min(sizes) <= LOT
    assert (made[0].after, made[-1].after) == (timedelta(0), timedelta(hours=1))
    assert slicing.smallest(made) == min(sizes)


def book(**asks):
    return make_view(*(make_quote(v, asks=levels, bids=[(99, 9)]) for v, levels in asks.items()), price=100)


def test_all_or_nothing_takes_the_cheapest_venue_that_shows_all_of_it():
    view = book(
        okx=[(100, 1), ("100.5", 2)], binance=[(100, 1), ("100.2", 2)], bitfinex=[(100, 1)], kraken=[("99.9", 9)]
    )
    made = routing.plan(view, whole=True, side="buy", quantity=D(2), worst_price=D(101))
    assert [leg.venue for leg in made.legs] == ["binance"]
    assert (made.legs[0].quantity, made.residual) == (D(2), 0)
    again = routing.plan(
        view, whole=True, side="buy", quantity=D(2), worst_price=D(101), without=frozenset({"binance"})
    )
    assert [leg.venue for leg in again.legs] == ["okx"]
    assert routing.plan(view, whole=True, side="buy", quantity=D(2), worst_price=D("100.1")).legs == ()
    assert routing.plan(view, whole=True, side="buy", quantity=D(4), worst_price=D(101)).legs == ()
    assert routing.plan(view, whole=True, side="buy", quantity=D(1), worst_price=D(101), venue="kraken").legs == ()
    assert routing.plan(view, whole=True, side="buy", quantity=D("1.000000001"), worst_price=D(101)).legs == ()


def test_selling_for_an_amount_of_quote():
    view = make_view(make_quote("okx", bids=[(100, 1), (99, 5)]), make_quote("binance", bids=[(98, 9)]), price=100)
    wanted = {"instrument": make_instrument(), "fee_rate": D(0), "venue": "best", "edge": D(98)}
    assert rules.size_to_receive(view, quote_quantity=D(100), **wanted) == 1
    assert rules.size_to_receive(view, quote_quantity=D(199), **wanted) == 2
    assert rules.size_to_receive(view, quote_quantity=D(5000), **wanted) == 9
    with pytest.raises(errors.NoLiquidity):
        rules.size_to_receive(view, quote_quantity=D(100), **{**wanted, "edge": D(101)})
    with pytest.raises(errors.InvalidQuantity):
        rules.size_to_receive(view, quote_quantity=D("0.0001"), **wanted)
