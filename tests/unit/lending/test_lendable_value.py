"""What collateral may be lent against: pledge rate, haircut and tiers, exactly; a line knows none of the last two."""

from decimal import Decimal as D
from fractions import Fraction
from types import SimpleNamespace

import pytest

from lending.loans.lending_value import lendable_value
from lending.loans.rules import Pledge
from lending.products.rules import Lines, thresholds
from lending.products.states import Basis
from lending.products.terms import Collateral, Tier

LINES = Lines(Basis.PRICE_FRACTION, D("0.80"), D("0.85"), D("0.83"), D("0.82"), D("0.81"))
FOUND = thresholds(LINES)


def product(*tiers, **haircuts):
    collaterals = {
        asset: Collateral(asset=asset, lines=LINES, thresholds=FOUND, haircut=D(haircuts.get(asset, "0")))
        for asset in ("BTC", "ETH")
    }
    made = tuple(Tier(D(above), D(factor)) for above, factor in tiers)
    return SimpleNamespace(collaterals=collaterals, terms=SimpleNamespace(tiers=made))


def pledge(asset, quantity, price):
    return Pledge(asset, D(quantity), D(price), FOUND)


ONE_BTC = pledge("BTC", "1", "30000")


def test_the_brief_lends_24000():
    assert lendable_value(product(), [ONE_BTC]) == 24_000


def test_a_haircut_is_taken_off_the_value():
    assert lendable_value(product(BTC="0.1"), [ONE_BTC]) == Fraction(24_000) * 9 / 10


@pytest.mark.parametrize(
    ("quantity", "lends"),
    [("1", 24_000), ("2", 48_000), ("3", 48_000 + 12_000), ("6", 48_000 + 12_000 * 2 + 0)],
)
def test_only_the_part_beyond_a_tier_lends_less(quantity, lends):
    tiered = product(("60000", "0.5"), ("120000", "0"))
    assert lendable_value(tiered, [pledge("BTC", quantity, "30000")]) == lends


def test_each_asset_has_its_own_tiers_and_two_lots_of_one_asset_share_them():
    tiered = product(("30000", "0.5"))
    assert lendable_value(tiered, [ONE_BTC, pledge("ETH", "15", "2000")]) == 48_000
    assert lendable_value(tiered, [ONE_BTC, ONE_BTC]) == 24_000 + 12_000


def test_nothing_lends_nothing():
    assert lendable_value(product(("0", "0.5")), []) == 0
    assert lendable_value(product(("0", "0.5")), [ONE_BTC]) == 12_000
