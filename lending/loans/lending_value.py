"""What collateral may be lent against: its value less the haircut, by the tiers of its value, times the pledge rate.

Haircut and tiers are for lending only. A line is tested on the whole value, so neither of them ever sells anybody out.
"""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction

from lending.loans.rules import Pledge
from lending.products.terms import ProductVersion, Tier


def lendable_value(product: ProductVersion, pledges: Sequence[Pledge]) -> Fraction:
    """The largest debt that the product allows on this collateral, exact; every asset must be one of the product's."""
    worth: dict[str, Fraction] = {}
    for pledge in pledges:
        kept = 1 - Fraction(product.collaterals[pledge.asset].haircut)
        worth[pledge.asset] = worth.get(pledge.asset, Fraction(0)) + pledge.value * kept
    return sum(
        (
            _tiered(value, product.terms.tiers) * product.collaterals[asset].thresholds.pledge.exact
            for asset, value in worth.items()
        ),
        Fraction(0),
    )


def _tiered(value: Fraction, tiers: Sequence[Tier]) -> Fraction:
    """Each part of the value counts by the tier it lies in; below the first one all of it counts."""
    counted, end = Fraction(0), value
    for tier in sorted(tiers, key=lambda one: one.above, reverse=True):
        begin = Fraction(tier.above)
        if end > begin:
            counted += (end - begin) * Fraction(tier.factor)
            end = begin
    return counted + end
