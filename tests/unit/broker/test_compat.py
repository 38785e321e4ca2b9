"""The gateway's pure parts: books that do not cross, parameters that are read strictly, refusals that keep their promises."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from broker.compat.errors import Refusal, denied, word
from broker.compat.gateway import _unsigned
from broker.compat.parameters import Parameters
from broker.compat.rules import customer_levels, uncross
from broker.orders.errors import DuplicateClientOrderId, MarketHalted, NoLiquidity
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
