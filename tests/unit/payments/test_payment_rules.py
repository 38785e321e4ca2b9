"""The exact arithmetic of a payment order, for any amount."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kernel.money import InvalidAmount, unit
from payments.orders import rules
from payments.products import rules as terms
from payments.products.states import ShareRole

D = Decimal
UNITS = st.integers(1, 10**26)
SCALES = st.sampled_from([0, 2, 6, 18])
WEIGHTS = st.lists(st.integers(1, 10**6).map(Decimal), min_size=1, max_size=6)


@given(UNITS, SCALES, WEIGHTS, st.lists(st.integers(1, 10**9), max_size=8))
def test_refunds_take_from_each_leg_at_most_what_it_got_and_in_the_end_all(units, scale, weights, cuts):
    amount = units * unit(scale)
    legs = rules.legs_of(amount, weights, scale=scale)
    assert sum(legs) == amount
    left = list(legs)
    for cut in cuts:
        total = sum(left)
        if total == 0:
            break
        part = min(max((total * cut / 10**9).quantize(unit(scale)), unit(scale)), total)
        back = rules.refund_legs(part, left, scale=scale)
        assert sum(back) == part
        assert all(0 <= b <= rest for b, rest in zip(back, left, strict=True))
        left = [rest - b for b, rest in zip(back, left, strict=True)]
    if sum(left):
        assert rules.refund_legs(sum(left), left, scale=scale) == left


@pytest.mark.parametrize(
    ("amount", "quantity", "expected"),
    [
        (None, None, (D(25), 2)),
        (None, 1, (D(10), 1)),
        (None, 3, (D(25), 3)),
        (D(5), None, (D(5), 0)),
        (D(25), None, (D(25), 2)),
        (D(5), 1, (D(5), 1)),
        (D(25), 0, (D(25), 0)),
    ],
)
def test_what_is_left_unsaid_about_a_refund(amount, quantity, expected):
    found = rules.refund_amount(amount=amount, quantity=quantity, price=D(10), left=D(25), units_left=2)
    assert found == expected


def test_an_order_larger_than_the_ledger_is_refused():
    assert rules.amount_of(D("0.1"), 3, scale=6) == D("0.3")
    for price, quantity in ((D("1e37"), 10), (D("9e37"), 10**12)):
        with pytest.raises(InvalidAmount):
            rules.amount_of(price, quantity, scale=6)


def test_weights_of_the_terms_are_exact():
    found = terms.shares(
        [(1, D(1)), (2, D(2))], fee_rate=D("0.02"), fee_account=8, commission_rate=D("0.01"), commission_account=9
    )
    assert [(s.role, s.account_id, s.weight) for s in found] == [
        (ShareRole.MERCHANT, 1, D("0.97")),
        (ShareRole.MERCHANT, 2, D("1.94")),
        (ShareRole.COMMISSION, 9, D("0.03")),
        (ShareRole.FEE, 8, D("0.06")),
    ]
    assert sum(s.weight for s in found) == 3
    alone = terms.shares([(1, D(1))], fee_rate=D(0), fee_account=8, commission_rate=D(0), commission_account=9)
    assert [s.account_id for s in alone] == [1]
