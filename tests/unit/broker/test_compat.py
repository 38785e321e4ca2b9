"""The gateway's pure parts: books that do not cross, parameters that are read strictly, refusals that keep their promises."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from broker.compat import asks, words
from broker.compat.errors import Refusal, denied, word
from broker.compat.gateway import _unsigned
from broker.compat.parameters import Parameters
from broker.compat.rules import customer_levels, uncross
from broker.fees.rules import is_maker
from broker.orders import combinations
from broker.orders.errors import DuplicateClientOrderId, MarketHalted, NoLiquidity, WouldExecute, WouldTrigger
from kernel.errors import DomainError, NotFound, Unavailable

D = Decimal
sides = st.lists(
    st.tuples(st.integers(90, 110).map(D), st.integers(1, 5).map(D)), max_size=12, unique_by=lambda level: level[0]
)


@given(bids=sides, asks=sides)
def test_an_uncrossed_book_never_crosses_and_loses_the_same_on_both_sides(bids, asks):
    bids, asks = sorted(bids, reverse=True), sorted(asks)
    left_bids, left_asks = uncross(bids, asks)
    assert not left_bids or not left_asks or left_bids[0][0] < left_asks[0][0]
    lost = [
        sum(q for _, q in before) - sum(q for _, q in after) for before, after in ((bids, left_bids), (asks, left_asks))
    ]
    assert lost[0] == lost[1] >= 0
    assert all(quantity > 0 for _, quantity in left_bids + left_asks)


def test_a_book_that_does_not_cross_stays_as_it_is():
    assert uncross([(D(99), D(1))], [(D(100), D(2))]) == ([(D(99), D(1))], [(D(100), D(2))])
    assert uncross([(D(101), D(3)), (D(98), D(1))], [(D(100), D(2)), (D(102), D(1))]) == (
        [(D(101), D(1)), (D(98), D(1))],
        [(D(102), D(1))],
    )


def test_customers_see_their_own_prices_on_the_grid():
    levels = [(D("100.04"), D(1)), (D("100.01"), D(2)), (D("99.5"), D(1))]
    asks = customer_levels(levels, side="asks", markup=D("0.001"), tick=D("0.1"))
    bids = customer_levels(levels, side="bids", markup=D("0.001"), tick=D("0.1"))
    assert asks == [(D("99.6"), D(1)), (D("100.2"), D(3))]
    assert bids == [(D("99.9"), D(3)), (D("99.4"), D(1))]


@pytest.mark.parametrize(
    ("query", "form", "code"),
    [("a=1&a=2", "", -1101), ("a=1", "a=1", -1101), ("&".join(f"a{i}=1" for i in range(60)), "", -1101)],
)
def test_every_parameter_comes_once(query, form, code):
    with pytest.raises(Refusal) as refused:
        Parameters.read(query, form)
    assert refused.value.code == code


@pytest.mark.parametrize("text", ["1e5", "-1", "0x1", "٣", "1_0", " 1", "9" * 19])
def test_a_number_is_digits(text):
    with pytest.raises(Refusal, match="Illegal characters"):
        Parameters({"n": text}).number("n")


@pytest.mark.parametrize("text", ["NaN", "1e5", "-1", "0", "Infinity", "1" * 40, "0.00"])
def test_an_amount_is_a_plain_decimal_above_zero(text):
    with pytest.raises(Refusal):
        Parameters({"quantity": text}).amount("quantity")


def test_what_nobody_reads_is_refused():
    Parameters({"symbol": "X", "timestamp": "1"}).only({"symbol"})
    with pytest.raises(Refusal) as refused:
        Parameters({"symbol": "X", "trailingDelta": "1"}).only({"symbol"})
    assert refused.value.code == -1104


@pytest.mark.parametrize(
    ("sent", "signed"),
    [
        ("a=1&signature=ff", "a=1"),
        ("signature=ff&a=1", "a=1"),
        ("a=1&signature=ff&b=2", "a=1&b=2"),
        ("a=1&mysignature=2", "a=1&mysignature=2"),
        ("", ""),
    ],
)
def test_the_signature_covers_everything_but_itself(sent, signed):
    assert _unsigned(sent) == signed


def test_a_denied_order_is_never_told_as_an_unknown_one():
    class Anything(DomainError):
        """Something new."""

        code = "something_new"
        status = 503

    for error in (MarketHalted(), NoLiquidity(), DuplicateClientOrderId(), Anything(), Unavailable()):
        refusal = denied(error)
        assert refusal.status == 400
        assert refusal.code in {-2010, -1013}
    assert denied(NoLiquidity()).message.endswith("(no_liquidity).")


def test_what_is_away_is_not_a_refusal():
    assert (word(Unavailable()).code, word(Unavailable()).status) == (-1001, 503)
    assert word(NotFound()).code == -2013


class _Market:
    symbol, lot, tick, min_notional = "BTC-USDT", D("0.00001"), D("0.01"), D(5)


@pytest.fixture
def _market(monkeypatch):
    monkeypatch.setattr(asks, "instrument_of", lambda _parameters: _Market)


ASKS = [
    ({"type": "MARKET", "quantity": "1"}, {"type": "market", "time_in_force": "ioc"}),
    ({"type": "MARKET", "quoteOrderQty": "100", "side": "SELL"}, {"type": "market", "quote_quantity": D(100)}),
    (
        {"type": "LIMIT", "timeInForce": "FOK", "quantity": "1", "price": "9"},
        {"type": "limit", "time_in_force": "fok", "post_only": False},
    ),
    (
        {"type": "LIMIT", "timeInForce": "GTC", "quantity": "1", "price": "9", "icebergQty": "0.6"},
        {"display_quantity": D("0.6")},
    ),
    ({"type": "LIMIT_MAKER", "quantity": "1", "price": "9"}, {"type": "limit", "post_only": True}),
    ({"type": "STOP_LOSS", "quantity": "1", "stopPrice": "8"}, {"type": "stop", "stop_price": D(8)}),
    (
        {"type": "STOP_LOSS_LIMIT", "timeInForce": "GTC", "quantity": "1", "price": "9", "stopPrice": "8"},
        {"type": "stop_limit", "stop_price": D(8), "limit_price": D(9)},
    ),
    ({"type": "TAKE_PROFIT", "quantity": "1", "stopPrice": "8"}, {"type": "take_profit", "limit_price": None}),
    (
        {"type": "TAKE_PROFIT_LIMIT", "timeInForce": "GTC", "quantity": "1", "price": "9", "stopPrice": "8"},
        {"type": "take_profit", "limit_price": D(9)},
    ),
    ({"type": "STOP_LOSS", "quantity": "1", "trailingDelta": "250"}, {"type": "trailing_stop", "stop_price": None}),
]


@pytest.mark.usefixtures("_market")
@pytest.mark.parametrize(("told", "meant"), ASKS)
def test_every_type_is_an_order_that_our_desk_understands(told, meant):
    wish = asks.read(Parameters({"symbol": "BTCUSDT", "side": "BUY"} | told)).wish
    combinations.check(wish)
    assert {name: getattr(wish, name) for name in meant} == meant
    assert (wish.trail is not None and wish.trail.fraction) == (D("0.025") if "trailingDelta" in told else False)
    if wish.type == "market":
        return
    limited = wish.limit_price is not None
    assert words.order_type(wish.type, limited=limited, post_only=wish.post_only) == told["type"]


@pytest.mark.usefixtures("_market")
@pytest.mark.parametrize(
    ("told", "code"),
    [
        ({"type": "TRAILING_STOP_MARKET", "quantity": "1"}, -1116),
        ({"type": "STOP_LOSS", "quantity": "1"}, -1102),
        ({"type": "STOP_LOSS", "quantity": "1", "stopPrice": "8", "trailingDelta": "100"}, -1106),
        ({"type": "STOP_LOSS", "quantity": "1", "trailingDelta": "5000"}, -1013),
        ({"type": "STOP_LOSS", "quantity": "1", "stopPrice": "8.001"}, -1013),
        ({"type": "LIMIT_MAKER", "quantity": "1", "price": "9", "timeInForce": "IOC"}, -1106),
        ({"type": "MARKET", "quantity": "1", "icebergQty": "0.5"}, -1106),
        (
            {"type": "STOP_LOSS_LIMIT", "timeInForce": "FOK", "quantity": "1", "price": "9", "stopPrice": "8"},
            -1115,
        ),
        ({"type": "MARKET", "quantity": "1", "quoteOrderQty": "1"}, -1102),
        ({"type": "MARKET", "quantity": "1", "strategyId": "1"}, -1104),
    ],
)
def test_what_would_be_another_order_is_refused(told, code):
    with pytest.raises(Refusal) as refused:
        asks.read(Parameters({"symbol": "BTCUSDT", "side": "BUY"} | told))
    assert refused.value.code == code


def test_refusals_that_bots_know_by_their_text():
    assert denied(WouldTrigger()).message == "Stop price would trigger immediately."
    assert denied(WouldExecute()).message == "Order would immediately match and take."


def test_a_fill_is_a_makers_once_its_order_had_rested():
    assert not is_maker(taker_cost=None, cost_before=D(0))
    assert is_maker(taker_cost=D(0), cost_before=D(0))
    assert not is_maker(taker_cost=D(10), cost_before=D(9))
    assert is_maker(taker_cost=D(10), cost_before=D(10))


def test_a_trail_is_told_in_hundredths_of_a_per_cent():
    assert words.trailing_delta(D("0.025")) == 250
    assert words.trailing_delta(D("0.00001")) is None
    assert words.trailing_delta(None) is None
