"""A protective limit never passes the customer's price, lies on the venue's grid, and is the nearest such price."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kernel.errors import NotFound
from venues.accounts import VENUES
from venues.grids import GRIDS, default_grid

prices = st.decimals(min_value="0.0001", max_value="9999999", places=8, allow_nan=False)
grids = st.sampled_from(sorted(GRIDS))


@given(grids, st.sampled_from(["buy", "sell"]), prices)
def test_protective_limit(key, side, price):
    grid = GRIDS[key]
    limit = grid.protective_limit(side, price)
    assert limit <= price if side == "buy" else limit >= price
    assert abs(limit - price) < grid.tick_at(price)
    if limit > 0:
        assert grid.protective_limit("buy", limit) == limit == grid.protective_limit("sell", limit)


@given(prices)
def test_five_digits_are_enough_for_bitfinex(price):
    limit = GRIDS["bitfinex", "BTC-USDT"].floor_price(price)
    digits = limit.normalize().as_tuple().digits
    assert len(digits) <= 5


@pytest.mark.parametrize(
    ("side", "price", "wanted"),
    [
        ("buy", "100123.456", "100120"),
        ("sell", "100123.456", "100130"),
        ("sell", "99999.5", "100000"),
        ("buy", "0.051234567", "0.051234"),
    ],
)
def test_significant_digits(side, price, wanted):
    assert GRIDS["bitfinex", "BTC-USDT"].protective_limit(side, Decimal(price)) == Decimal(wanted)


def test_tick():
    grid = GRIDS["binance", "BTC-USDT"]
    assert grid.protective_limit("buy", Decimal("100.126")) == Decimal("100.12")
    assert grid.protective_limit("sell", Decimal("100.121")) == Decimal("100.13")


@given(grids, prices)
def test_quantity_is_floored_to_the_step(key, quantity):
    grid = GRIDS[key]
    floored = grid.floor_quantity(quantity)
    assert 0 <= quantity - floored < grid.step
    assert floored % grid.step == 0


def test_minima():
    grid = GRIDS["binance", "BTC-USDT"]
    assert grid.too_small(Decimal("0.00001"), Decimal(60000))
    assert not grid.too_small(Decimal("0.0001"), Decimal(60000))
    assert grid.too_small(Decimal(0), Decimal(60000))


def test_every_venue_lists_every_symbol():
    for venue in VENUES:
        for symbol in ("BTC-USDT", "ETH-USDT", "ETH-BTC"):
            assert default_grid(venue, symbol)
    with pytest.raises(NotFound):
        default_grid("kraken", "DOGE-USDT")
