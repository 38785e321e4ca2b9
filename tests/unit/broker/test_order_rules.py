"""Sizes, protection and the split of a fill, with the published vector."""

from datetime import timedelta
from decimal import Decimal

import pytest

from broker.fees.rules import customer_fee_rate, next_fee
from broker.orders import errors, rules
from markets.composite.states import CompositeState
from tests.market_views import NOON
from venues.grids import default_grid


def fill(side="buy", *, quantity="0.5", price="99970.00", limit="100000", markup="0.0002", mode="pass_through", **sums):
    return rules.fill_amounts(
        side=side,
        quantity=Decimal(quantity),
        venue_price=Decimal(price),
        limit_price=Decimal(limit),
        markup=Decimal(markup),
        fill_mode=mode,
        fee_rate=Decimal("0.001"),
        quote_scale=6,
        **({"filled_cost": Decimal(0), "fee_so_far": Decimal(0)} | sums),
    )


def test_the_published_vector(instrument):
    held, asset = rules.hold_size(
        side="buy",
        quantity=Decimal("0.5"),
        price=Decimal(100000),
        fee_rate=Decimal("0.001"),
        instrument=instrument(),
        scale={"USDT": 6}.__getitem__,
    )
    assert (held, asset) == (Decimal("50050.000000"), "USDT")
    limit = rules.venue_limit(Decimal(100000), side="buy", markup=Decimal("0.0002"))
    assert default_grid("binance", "BTC-USDT").protective_limit("buy", limit) == Decimal("99980.00")
    amounts = fill()
    assert amounts.venue_cost == Decimal("49985.000000")
    assert amounts.customer_price == Decimal("99989.994")
    assert amounts.customer_cost == Decimal("49994.997000")
    assert amounts.customer_fee == Decimal("49.994997")
    assert amounts.spread == Decimal("9.997000")
    assert amounts.customer_cost + amounts.customer_fee == Decimal("50044.991997")
    assert held - Decimal("50044.991997") == Decimal("5.008003")


def test_touch_fills_at_the_limit_and_keeps_the_improvement():
    amounts = fill(mode="touch", markup="0")
    assert (amounts.customer_price, amounts.customer_cost, amounts.spread) == (
        Decimal(100000),
        Decimal(50000),
        Decimal(15),
    )
    sell = fill("sell", price="100030", mode="touch", markup="0")
    assert (sell.customer_price, sell.customer_cost, sell.spread) == (Decimal(100000), Decimal(50000), Decimal(15))


def test_a_sell_mirrors():
    amounts = fill("sell", price="100100", limit="100000")
    assert amounts.customer_price == Decimal(100100) * Decimal("0.9998")
    assert amounts.spread == Decimal(50050) - amounts.customer_cost == Decimal("10.01")


def test_a_venue_that_fills_beyond_our_limit_costs_us_and_not_the_customer():
    assert fill(price="100100").customer_cost == Decimal(50000)
    assert fill(price="100100").spread == Decimal(-50)
    assert fill("sell", price="99900").customer_cost == Decimal(50000)


def test_fees_of_parts_sum_to_the_fee_of_the_whole():
    cost = fee = Decimal(0)
    for _ in range(3):
        one = next_fee(rate=Decimal("0.001"), cost_so_far=cost, cost=Decimal("0.000334"), fee_so_far=fee, scale=6)
        cost, fee = cost + Decimal("0.000334"), fee + one
    assert fee == Decimal("0.000002"), "three roundings up would make 0.000003"


def test_sell_holds_the_base(instrument):
    assert rules.hold_size(
        side="sell",
        quantity=Decimal("0.5"),
        price=Decimal(1),
        fee_rate=Decimal("0.001"),
        instrument=instrument(),
        scale=lambda _: 0,
    ) == (Decimal("0.5"), "BTC")


@pytest.mark.parametrize(
    ("side", "current", "worse"),
    [
        ("buy", "100.2", False),
        ("buy", "100.21", True),
        ("buy", "50", False),
        ("sell", "99.8", False),
        ("sell", "99.79", True),
        ("sell", "500", False),
    ],
)
def test_only_a_worse_price_is_refused(side, current, worse):
    def check():
        rules.check_price(expected=Decimal(100), tolerance=Decimal("0.002"), current=Decimal(current), side=side)

    if not worse:
        check()
        return
    with pytest.raises(rules.PriceChanged) as denial:
        check()
    assert (denial.value.status, denial.value.code) == (409, "price_changed")


def test_protection_edge_is_two_per_cent_on_the_grid(view, quote):
    seen = view(quote("okx"), price="60000.01")
    assert rules.protection_edge(seen, side="buy", tick=Decimal("0.01")) == Decimal("61200.01")
    assert rules.protection_edge(seen, side="sell", tick=Decimal("0.01")) == Decimal("58800.01")
    wide = view(quote("okx"), price="60000", band=Decimal("0.04"))
    assert rules.protection_edge(wide, side="buy", tick=Decimal("0.01")) == Decimal(62400)


@pytest.mark.parametrize(
    ("venue", "composite", "denial"),
    [
        ("best", {}, None),
        ("okx", {}, None),
        ("kraken", {}, errors.VenueUnavailable),
        ("best", {"state": CompositeState.HALT}, errors.MarketHalted),
        ("okx", {"state": CompositeState.HALT}, errors.MarketHalted),
        ("okx", {"price": None}, errors.MarketHalted),
        ("best", {"state": CompositeState.SINGLE}, errors.MarketHalted),
        ("okx", {"state": CompositeState.SINGLE}, None),
        ("best", {"state": CompositeState.DEGRADED}, None),
        ("best", {"state": CompositeState.DEGRADED, "pair_differs": True}, errors.MarketHalted),
        ("okx", {"state": CompositeState.DEGRADED, "pair_differs": True}, None),
        ("okx", {"paused_until": NOON + timedelta(seconds=1)}, errors.MarketHalted),
        ("okx", {"paused_until": NOON}, None),
    ],
)
def test_market_orders_need_a_trustworthy_price(view, quote, venue, composite, denial):
    seen = view(quote("okx", asks=[(100, 1)]), quote("kraken", asks=[(100, 1)], tradable=False), **composite)
    if denial is None:
        rules.require_price(seen, venue=venue, now=NOON)
        return
    with pytest.raises(denial):
        rules.require_price(seen, venue=venue, now=NOON)


def size(view, instrument, quote_quantity="1000", venue="best", edge="102"):
    return rules.size_by_quote(
        view,
        quote_quantity=Decimal(quote_quantity),
        instrument=instrument,
        fee_rate=Decimal("0.001"),
        venue=venue,
        edge=Decimal(edge),
    )


def test_quote_quantity_is_the_most_that_is_spent(view, quote, instrument):
    made = size(view(quote("okx", asks=[(100, 4), (101, 50)])), instrument())
    assert made.quantity % Decimal("0.00001") == 0
    assert made.quantity * made.limit_price * Decimal("1.001") <= 1000
    assert Decimal(101) <= made.limit_price <= Decimal(102), "the limit reaches the level that is needed"
    assert Decimal(990) < (400 + (made.quantity - 4) * 101) * Decimal("1.001") < Decimal(1000)


def test_a_dear_level_is_left_alone_when_it_would_shrink_the_whole(view, quote, instrument):
    made = size(view(quote("okx", asks=[(100, "9.9"), ("101.9", 50)])), instrument())
    assert made.quantity == Decimal("9.9")


def test_sizing_counts_on_all_venues_together(view, quote, instrument):
    """5 at Binance, 5 at okx; alone either would buy half."""
    seen = view(quote("okx", asks=[("99.9", 5)]), quote("binance", asks=[(100, 5)]))
    made = size(seen, instrument())
    assert made.quantity == Decimal("9.98002")
    assert made.quantity * made.limit_price * Decimal("1.001") <= 1000
    assert size(seen, instrument(), venue="okx").quantity == 5


def test_sizing_goes_where_routing_goes(view, quote, instrument):
    seen = view(quote("kraken", asks=[("99.9", 50)]), quote("binance", asks=[(100, 50)]))
    made = size(seen, instrument())
    assert made.quantity == Decimal("9.98002"), "at Binance's price, which is cheaper with the fee"
    assert made.limit_price >= 100


def test_a_thin_book_buys_what_there_is(view, quote, instrument):
    made = size(view(quote("okx", asks=[(100, 2), (103, 50)])), instrument())
    assert (made.quantity, made.limit_price) == (Decimal(2), Decimal(102))


def test_nothing_to_buy_and_too_little_to_buy(view, quote, instrument):
    with pytest.raises(errors.NoLiquidity):
        size(view(quote("okx", asks=[(103, 50)])), instrument())
    with pytest.raises(errors.InvalidQuantity):
        size(view(quote("okx", asks=[(100, 50)])), instrument(), quote_quantity="0.0009")


@pytest.mark.parametrize("quantity", ["0.000011", "0", "0.00001", "99999999999999999999999999"])
def test_sizes_off_the_lot_below_the_minimum_and_absurd(instrument, quantity):
    with pytest.raises(errors.InvalidQuantity):
        rules.check_size(Decimal(quantity), price=Decimal(60000), instrument=instrument())


def test_limit_prices_lie_on_the_tick(instrument):
    rules.check_limit_price(Decimal("60000.01"), instrument=instrument())
    with pytest.raises(errors.InvalidPrice):
        rules.check_limit_price(Decimal("60000.001"), instrument=instrument())


def test_the_band_bounds_a_generous_limit(view, quote):
    seen = view(quote("okx"), price=100)
    bounds = {
        ("buy", "150"): "102",
        ("buy", "101"): "101",
        ("sell", "50"): "98",
        ("sell", "99"): "99",
    }
    for (side, limit), expected in bounds.items():
        assert rules.inside_band(Decimal(limit), view=seen, side=side, tick=Decimal("0.01")) == Decimal(expected)
    unknown = view(quote("okx"), price=None)
    assert rules.inside_band(Decimal(150), view=unknown, side="buy", tick=Decimal("0.01")) == 150


def test_the_price_a_customer_could_have(view, quote):
    def price(side, venue, seen):
        return rules.executable_price(seen, side=side, venue=venue, markup=Decimal("0.01"))

    seen = view(
        quote("okx", asks=[(101, 1)], bids=[(99, 1)]),
        quote("kraken", asks=[(102, 1)]),
        quote("binance", tradable=False),
    )
    assert price("buy", "best", seen) == Decimal("102.01")
    assert price("buy", "kraken", seen) == Decimal("103.02")
    assert price("sell", "best", seen) == Decimal("98.01")
    assert price("sell", "kraken", seen) is None
    assert price("buy", "binance", seen) is None


def test_the_standard_fee_is_ten_basis_points():
    assert customer_fee_rate() == Decimal("0.001")
