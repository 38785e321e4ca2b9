"""However a venue cuts an order into fills: journals balance, nobody passes the limit, and the hold covers everything."""

from dataclasses import dataclass
from decimal import Decimal

from hypothesis import assume, given
from hypothesis import strategies as st

from broker.orders import errors, rules
from kernel.money import ceil_to_scale, fits_scale, floor_to_scale
from tests.market_views import make_instrument, make_quote, make_view

MODES = st.sampled_from(["pass_through", "touch"])
SIDES = st.sampled_from(["buy", "sell"])


@dataclass(frozen=True)
class Market:
    """A quote asset's scale and the finest price and quantity a venue may fill with."""

    scale: int
    price_unit: Decimal
    quantity_unit: Decimal


MARKETS = st.sampled_from(
    [
        Market(6, Decimal("0.01"), Decimal("0.00000001")),  # BTC-USDT on a venue with fine quantities
        Market(8, Decimal("0.000001"), Decimal("0.00000001")),  # ETH-BTC: products are finer than the asset
        Market(2, Decimal("0.001"), Decimal("0.001")),
    ]
)


@st.composite
def filled_orders(draw):
    """An order and the fills a venue gives it at its limit or better, in parts of any size."""
    market, side = draw(MARKETS), draw(SIDES)
    limit = draw(st.integers(1000, 10_000_000)) * market.price_unit
    markup = Decimal(draw(st.sampled_from(["0", "0.0002", "0.01"])))
    fee_rate = Decimal(draw(st.sampled_from(["0", "0.001", "0.0033"])))
    at_venue = rules.venue_limit(limit, side=side, markup=markup)
    parts = draw(st.lists(st.integers(1, 10**7), min_size=1, max_size=12))
    fills = []
    for part in parts:
        better = Decimal(draw(st.integers(0, 300))) / 10_000
        price = at_venue * (1 - better) if side == "buy" else at_venue * (1 + better)
        fills.append((part * market.quantity_unit, price))
    left_open = draw(st.integers(0, 10**6)) * market.quantity_unit
    return market, side, limit, markup, fee_rate, fills, left_open


def booked(order, mode):
    market, side, limit, markup, fee_rate, fills, _ = order
    cost = fee = Decimal(0)
    for quantity, price in fills:
        amounts = rules.fill_amounts(
            side=side,
            quantity=quantity,
            venue_price=price,
            limit_price=limit,
            markup=markup,
            fill_mode=mode,
            fee_rate=fee_rate,
            filled_cost=cost,
            fee_so_far=fee,
            quote_scale=market.scale,
        )
        cost, fee = cost + amounts.customer_cost, fee + amounts.customer_fee
        yield amounts


def hold(order):
    market, side, limit, _, fee_rate, fills, left_open = order
    quantity = sum((q for q, _ in fills), left_open)
    return rules.hold_size(
        side=side,
        quantity=quantity,
        price=limit,
        fee_rate=fee_rate,
        instrument=make_instrument(),
        scale=lambda _: market.scale,
    )[0]


@given(filled_orders(), MODES)
def test_the_hold_covers_every_sequence_of_fills(order, mode):
    paid = sum((a.customer_cost + a.customer_fee for a in booked(order, mode)), Decimal(0))
    if order[1] == "buy":
        assert paid <= hold(order)
    else:
        assert sum((q for q, _ in order[5]), Decimal(0)) <= hold(order)


@given(filled_orders(), MODES)
def test_every_fill_balances_on_the_asset_s_scale(order, mode):
    market, side, *_ = order
    for a in booked(order, mode):
        assert all(fits_scale(x, market.scale) for x in (a.venue_cost, a.customer_cost, a.customer_fee, a.spread))
        assert a.customer_fee >= 0
        if side == "buy":  # venue + revenue.spread + revenue.trade_fee = what the customer pays
            assert a.venue_cost + a.spread + a.customer_fee == a.customer_cost + a.customer_fee
        else:  # what the customer receives + revenue = what the venue brings
            assert (a.customer_cost - a.customer_fee) + a.spread + a.customer_fee == a.venue_cost
            assert a.customer_cost - a.customer_fee >= 0


@given(filled_orders(), MODES)
def test_no_customer_passes_the_limit(order, mode):
    _market, side, limit, *_, fills, _left = order
    for (quantity, _), a in zip(fills, booked(order, mode), strict=True):
        if side == "buy":
            assert a.customer_price <= limit
            assert a.customer_cost <= quantity * limit
        else:
            assert a.customer_price >= limit
            assert a.customer_cost >= quantity * limit


@given(filled_orders(), MODES)
def test_fees_are_the_rate_of_the_whole(order, mode):
    market, _, _, _, fee_rate, *_ = order
    amounts = list(booked(order, mode))
    cost = sum((a.customer_cost for a in amounts), Decimal(0))
    assert sum((a.customer_fee for a in amounts), Decimal(0)) == ceil_to_scale(cost * fee_rate, market.scale)


@given(filled_orders())
def test_touch_fills_at_the_limit_up_to_a_rounding_unit(order):
    market, side, limit, *_, fills, _left = order
    for (quantity, _), a in zip(fills, booked(order, "touch"), strict=True):
        exact = quantity * limit
        rounded = floor_to_scale(exact, market.scale) if side == "buy" else ceil_to_scale(exact, market.scale)
        assert a.customer_cost == rounded


LEVELS = st.lists(st.tuples(st.integers(1, 400), st.integers(1, 10**7)), min_size=1, max_size=8)


@given(LEVELS, st.integers(1, 10**10), st.sampled_from(["0", "0.0002", "0.01"]))
def test_quote_quantity_is_never_exceeded_and_all_of_it_is_payable(levels, cents, markup):
    price, asks = Decimal(60_000), []
    for step, size in levels:
        price += Decimal(step) / 10
        asks.append((price, Decimal(size) / 10**5))
    view = make_view(make_quote("okx", asks=asks), price=60_000)
    instrument = make_instrument(markup=Decimal(markup))
    edge, budget, fee = Decimal(61_200), Decimal(cents) / 100, Decimal("0.001")
    try:
        size = rules.size_by_quote(
            view, quote_quantity=budget, instrument=instrument, fee_rate=fee, venue="best", edge=edge
        )
    except (errors.InvalidQuantity, errors.NoLiquidity):
        assume(False)
    held, _ = rules.hold_size(
        side="buy",
        quantity=size.quantity,
        price=size.limit_price,
        fee_rate=fee,
        instrument=instrument,
        scale=lambda _: 6,
    )
    assert held <= budget
    reach = rules.venue_limit(size.limit_price, side="buy", markup=instrument.markup)
    within = sum((q for p, q in asks if p <= reach), Decimal(0))
    assert within >= size.quantity or size.limit_price < asks[0][0] * (1 + instrument.markup) * (1 + rules.SIZING_SLACK)
