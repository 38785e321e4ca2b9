"""Markouts, scores and classes by hand: luck is not skill, and value weighs."""

from decimal import Decimal

import pytest

from broker.toxicity import rules
from broker.toxicity.rules import Score, classify, markout, score
from broker.toxicity.states import ToxicityClass

D = Decimal


@pytest.mark.parametrize(
    ("side", "reference", "expected"),
    [("buy", 101, "0.01"), ("sell", 101, "-0.01"), ("buy", 99, "-0.01"), ("sell", 99, "0.01")],
)
def test_a_markout_is_what_the_customer_gained(side, reference, expected):
    assert markout(side=side, price=D(100), reference=D(reference)) == D(expected)


def test_a_score_weighs_by_value_and_stays_careful():
    same = score([(D("0.001"), D(5))] * 30)
    assert same == Score(30, D("0.001"), D("0.001"))
    mixed = score([(D("0.002"), D(1)), (D("-0.002"), D(1))] * 15)
    assert mixed.mean == 0
    assert mixed.low < 0
    heavy = score([(D("0.002"), D(99)), (D("-0.002"), D(1))])
    assert heavy.mean == D("0.00196")
    assert score([]) == Score(0, D(0), D(0))
    assert score([(D(1), D(1))]).low == 0, "one fill says nothing"


@pytest.mark.parametrize(
    ("low", "fills", "expected"),
    [
        ("0.0004", 100, ToxicityClass.NORMAL),
        ("0.0005", 100, ToxicityClass.WIDE),
        ("0.0015", 100, ToxicityClass.SLOW),
        ("0.01", rules.ENOUGH_FILLS - 1, ToxicityClass.NORMAL),
        ("-0.01", 100, ToxicityClass.NORMAL),
    ],
)
def test_the_worst_horizon_with_enough_fills_decides(low, fills, expected):
    assert classify({1: Score(fills, D(low), D(low)), 10: Score(fills, D("-1"), D("-1"))}) is expected
