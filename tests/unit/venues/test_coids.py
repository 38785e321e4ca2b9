"""Client order ids fit every venue's rule and can be read back; nobody else's id is taken for ours."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from venues import coids
from venues.accounts import VENUES

numbers = st.integers(1, coids.LIMIT - 1)


@given(st.sampled_from(VENUES), numbers)
def test_round_trip_and_shape(venue, number):
    text = coids.for_venue(venue, number)
    assert coids.number_of(venue, text) == number
    assert len(text) <= 18
    assert re.fullmatch(r"[\.A-Z\:/a-z0-9_-]{1,36}", text), "Binance"
    assert re.fullmatch(r"[A-Za-z0-9]{1,32}", text), "OKX"
    if venue == "bitfinex":
        assert 0 < int(text) < 2**45


@pytest.mark.parametrize(
    ("venue", "text"),
    [
        ("binance", "x-TKT5PX2Fabc"),
        ("binance", "rm"),
        ("binance", "rm0"),
        ("binance", "rm01"),
        ("binance", "RM1"),
        ("okx", ""),
        ("okx", None),
        ("bitfinex", "rm1"),
        ("bitfinex", "0"),
        ("bitfinex", "007"),
        ("bitfinex", str(2**45)),
        ("kraken", "rmzzzzzzzzz"),
    ],
)
def test_not_ours(venue, text):
    assert coids.number_of(venue, text) is None


@pytest.mark.parametrize("number", [0, -1, 2**45])
def test_out_of_range(number):
    with pytest.raises(AssertionError):
        coids.for_venue("okx", number)
