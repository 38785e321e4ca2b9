"""Every order type against every field and time in force: what makes sense passes, everything else is refused with a field's name."""

import itertools
from dataclasses import replace
from datetime import UTC, datetime
from decimal import Decimal

import pytest

from broker.orders import combinations
from broker.orders.errors import InvalidCombination
from broker.orders.states import OrderType, TimeInForce
from broker.orders.wishes import Trail, Twap, Wish, usual_time_in_force

D = Decimal
EMPTY = Wish(
    symbol="BTC-USDT", side="sell", type="limit", quantity=None, quote_quantity=None, limit_price=None, venue="best",
    time_in_force="gtc", expected_price=None, tolerance=D("0.002"), client_order_id=None,
)  # fmt: skip
VALUES = {
    "quantity": D(1),
    "quote_quantity": D(1000),
    "limit_price": D(99),
    "stop_price": D(98),
    "trail": Trail(fraction=D("0.01")),
    "post_only": True,
    "display_quantity": D("0.1"),
    "twap": Twap(duration_s=60, slices=6),
    "expected_price": D(100),
}
# By hand, once more: what each type is made of. The product's own table is not consulted.
GOOD = {
    "market": {("quantity",), ("quote_quantity",)},
    "limit": {("quantity", "limit_price")},
    "stop": {("quantity", "stop_price")},
    "stop_limit": {("quantity", "stop_price", "limit_price")},
    "take_profit": {("quantity", "stop_price"), ("quantity", "stop_price", "limit_price")},
    "trailing_stop": {("quantity", "trail")},
}
WAITS = {"gtc", "gtd"}


def wish(kind, fields, time):
    expires = datetime(2027, 1, 1, tzinfo=UTC) if time == "gtd" else None
    return replace(EMPTY, type=kind, time_in_force=time, expires_at=expires, **{f: VALUES[f] for f in fields})


def refused(made):
    try:
        combinations.check(made)
    except InvalidCombination as refusal:
        return refusal.extra["field"]
    return None


def times_of(kind):
    return {"market": {"ioc", "fok"}, "limit": {"gtc", "gtd", "ioc", "fok"}}.get(kind, WAITS)


@pytest.mark.parametrize("kind", list(GOOD))
def test_every_subset_of_the_price_fields_is_judged_as_agreed(kind):
    fields = ("quantity", "quote_quantity", "limit_price", "stop_price", "trail")
    for size in range(len(fields) + 1):
        for chosen in itertools.combinations(fields, size):
            good = set(chosen) in [set(g) for g in GOOD[kind]]
            for time in ("gtc", "gtd", "ioc", "fok"):
                told = refused(wish(kind, chosen, time))
                assert (told is None) == (good and time in times_of(kind)), (kind, chosen, time, told)


@pytest.mark.parametrize("kind", [k.value for k in OrderType])
@pytest.mark.parametrize("time", [t.value for t in TimeInForce])
def test_post_only_display_and_slices_fit_only_where_they_mean_something(kind, time):
    base = max(GOOD[kind], key=len)
    for extra in ("post_only", "display_quantity", "twap"):
        good = {
            "post_only": kind == "limit" and time in WAITS,
            "display_quantity": kind in {"limit", "stop_limit", "take_profit"} and time in WAITS,
            "twap": kind in {"market", "limit"} and time == "gtc",
        }[extra]
        told = refused(
            wish(kind, (*base, extra) if extra != "twap" else ("quantity", *_limit(kind, base), extra), time)
        )
        assert (told is None) == good, (kind, time, extra, told)


def _limit(kind, base):
    return () if kind == "market" else tuple(f for f in base if f != "quantity")


@pytest.mark.parametrize(
    "trail", [Trail(), Trail(amount=D(1), fraction=D("0.1")), Trail(amount=D(0)), Trail(fraction=D("0.6"))]
)
def test_a_trail_is_one_thing_and_of_a_sane_size(trail):
    assert refused(replace(wish("trailing_stop", ("quantity",), "gtc"), trail=trail)) == "trail"


def test_an_iceberg_shows_no_more_than_it_is():
    assert (
        refused(replace(wish("limit", ("quantity", "limit_price"), "gtc"), display_quantity=D(2))) == "display_quantity"
    )
    take = wish("take_profit", ("quantity", "stop_price", "display_quantity"), "gtc")
    assert refused(take) == "display_quantity"


def test_slices_are_neither_hidden_nor_posted_nor_dated():
    base = ("quantity", "limit_price", "twap")
    for extra in ("post_only", "display_quantity"):
        assert refused(wish("limit", (*base, extra), "gtc")) is not None
    assert refused(wish("limit", base, "gtd")) == "expires_at"
    assert refused(wish("market", ("quote_quantity", "twap"), "gtc")) == "twap"


def test_a_date_belongs_to_gtd_and_gtd_to_a_date():
    dated = wish("limit", ("quantity", "limit_price"), "gtd")
    assert refused(replace(dated, expires_at=None)) == "expires_at"
    assert refused(replace(dated, time_in_force="gtc")) == "expires_at"


def test_an_order_that_says_nothing_waits_unless_it_is_a_market_order():
    assert [usual_time_in_force(k.value) for k in OrderType] == ["ioc", "gtc", "gtc", "gtc", "gtc", "gtc"]
    assert usual_time_in_force("market", twap=True) == "gtc"
