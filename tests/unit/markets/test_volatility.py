"""Realised volatility over the last minute, against numbers made by hand."""

from decimal import Decimal

import pytest

from markets.composite.history import Volatility
from markets.guards.rules import Guards, are_sound, extra_spread

D = Decimal


def test_the_root_of_squared_returns_of_a_minute():
    vol = Volatility()
    assert vol.update(0.0, D(100)) is None
    assert vol.update(0.5, D(200)) is None, "within the same second"
    assert vol.update(1.0, D(103)) == D("0.03")
    assert vol.update(2.0, D(103) * D("1.04")) == D("0.05")
    assert vol.update(3.0, None) == D("0.05")
    assert vol.update(61.5, D(103) * D("1.04")) == D("0.04"), "the first return is older than a minute"
    vol.clear()
    assert vol.update(70.0, D(1)) is None


@pytest.mark.parametrize(
    ("volatility", "extra"), [(None, "0"), ("0.001", "0"), ("0.002", "0"), ("0.004", "0.0005"), ("0.9", "0.001")]
)
def test_only_what_exceeds_the_calm_widens_and_only_so_far(volatility, extra):
    guards = Guards(calm=D("0.002"), widening=D("0.25"), widest=D("0.001"))
    assert extra_spread(guards, None if volatility is None else D(volatility)) == D(extra)


def test_by_default_no_spread_widens():
    assert extra_spread(Guards(), D("0.5")) == 0


@pytest.mark.parametrize(
    "wrong",
    [{"band": "0"}, {"band": "0.05"}, {"wide_band": "1"}, {"calm": "-1"}, {"widening": "-1"}, {"widest": "1"}],
)
def test_guards_that_make_no_sense(wrong):
    assert are_sound(Guards())
    assert not are_sound(Guards(**{name: D(value) for name, value in wrong.items()}))
