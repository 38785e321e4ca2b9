"""Tiers and the two rates of an order."""

from dataclasses import dataclass
from decimal import Decimal

import pytest

from broker.fees import rules
from broker.fees.rules import DEFAULT_TIERS, Rates, Tier

D = Decimal
TAKER, MAKER = D("0.001"), D("0.0004")


@dataclass
class Terms:
    fee_rate: Decimal = TAKER
    maker_rate: Decimal | None = MAKER
    taker_cost: Decimal | None = None


def tier(number, volume, maker, taker):
    return Tier(number, D(volume), Rates(D(maker), D(taker)))


def test_the_tables_of_the_product_are_in_order():
    assert rules.faults(DEFAULT_TIERS) is None


@pytest.mark.parametrize(
    ("volume", "number"), [("0", 0), ("99999.999999", 0), ("100000", 1), ("2499999", 2), ("2500000", 3), ("1e12", 5)]
)
def test_a_volume_reaches_its_tier(volume, number):
    found = rules.tier_of(DEFAULT_TIERS, D(volume))
    assert found.tier == number
    above = rules.tier_after(DEFAULT_TIERS, found)
    assert (above.tier if above else None) == (number + 1 if number < 5 else None)


@pytest.mark.parametrize(
    "table",
    [
        [],
        [tier(0, "1", "0.001", "0.001")],
        [tier(0, "0", "0.002", "0.001")],
        [tier(0, "0", "-0.0001", "0.001")],
        [tier(0, "0", "0.001", "0.06")],
        [tier(0, "0", "0.001", "0.001"), tier(1, "0", "0.001", "0.001")],
        [tier(0, "0", "0.001", "0.001"), tier(1, "10", "0.001", "0.002")],
    ],
)
def test_a_table_that_is_none_is_named(table):
    assert rules.faults(table)


def test_an_order_is_a_taker_until_it_rests():
    assert rules.rate_for(Terms()) == D("0.001")
    assert rules.rate_for(Terms(taker_cost=D(0))) == D("0.0004")
    assert rules.rate_for(Terms(taker_cost=D(0), maker_rate=None)) == D("0.001")


def test_a_fee_of_both_rates_is_rounded_up_once():
    """100.01 as a taker, then 33.33 three times as a maker, at two decimals: 0.10001 + 0.039996 makes 0.15 in all."""
    fee = rules.next_fee(rate=D("0.001"), cost_so_far=D(0), cost=D("100.01"), fee_so_far=D(0), scale=2)
    assert fee == D("0.11")
    order, cost = Terms(taker_cost=D("100.01")), D("100.01")
    steps = []
    for _ in range(3):
        steps.append(
            rules.next_fee(
                rate=rules.rate_for(order),
                cost_so_far=cost,
                cost=D("33.33"),
                fee_so_far=fee,
                scale=2,
                extra=rules.extra_for(order),
            )
        )
        fee, cost = fee + steps[-1], cost + D("33.33")
    assert fee == D("0.15")
    assert steps == [D("0.01"), D("0.01"), D("0.02")]
    assert min(steps) >= 0
