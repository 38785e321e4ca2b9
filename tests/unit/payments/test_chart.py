"""Leg builders balance by construction; the fingerprint is of what moves money and of nothing else."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kernel.ids import uuid7
from payments.chart import JournalIn, Line, capture_line, move, share
from payments.journal.rules import fingerprint

D = Decimal


def test_move_is_two_legs_that_cancel():
    assert move(1, 2, D("1.5")) == [Line(1, D("-1.5")), Line(2, D("1.5"))]
    assert move(1, 2, D(0)) == []
    with pytest.raises(AssertionError):
        move(1, 2, D(-1))


def test_share_uses_the_largest_remainder():
    legs = share(1, D(10), [(2, D(1)), (3, D(1)), (4, D(1))], scale=2)
    assert [leg.amount for leg in legs] == [D(-10), D("3.34"), D("3.33"), D("3.33")]


@given(st.integers(1, 10**12), st.lists(st.integers(1, 100), min_size=1, max_size=6), st.integers(0, 18))
def test_share_never_loses_a_unit(units, weights, scale):
    amount = D(units).scaleb(-scale)
    legs = share(1, amount, [(2 + i, D(w)) for i, w in enumerate(weights)], scale=scale)
    assert sum(leg.amount for leg in legs) == 0
    assert all(leg.amount != 0 for leg in legs)


def test_a_capture_line_gives_up_at_least_what_it_spends():
    hold_id = uuid7()
    assert capture_line(1, D(3), held_delta=D(-5), hold_id=hold_id) == Line(1, D(-3), D(-5), hold_id)
    with pytest.raises(AssertionError):
        capture_line(1, D(3), held_delta=D(-2), hold_id=hold_id)


def _journal(amount="1.5", **rest):
    return JournalIn(key="s/x:1", kind=rest.pop("kind", "trade"), lines=move(1, 2, D(amount)), **rest)


def test_the_same_money_has_the_same_fingerprint():
    assert fingerprint(_journal("1.5")) == fingerprint(_journal("1.50"))
    assert fingerprint(_journal()) == fingerprint(_journal(meta={"note": "again"}, actor="somebody"))


@pytest.mark.parametrize(
    "other",
    [{"amount": "1.6"}, {"kind": "fee"}, {"realm": "DEMO"}, {"order_id": uuid7()}, {"reverses": uuid7()}],
)
def test_other_money_has_another_fingerprint(other):
    assert fingerprint(_journal()) != fingerprint(_journal(**other))
