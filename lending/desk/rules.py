"""What the desk reckons: the fee, how much a collateral lends, how much of it may leave. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from decimal import Decimal
from fractions import Fraction

from kernel.money import ceil_fraction, floor_fraction, floor_to
from lending.loans.lending_value import lendable_value
from lending.loans.rules import Pledge
from lending.products.states import FeeMode
from lending.products.terms import ProductVersion, Terms

ZERO = Decimal(0)


def fee_of(terms: Terms, amount: Decimal, *, scale: int) -> Decimal:
    """The origination fee, rounded up to the unit."""
    return ceil_fraction(Fraction(terms.fee_rate) * Fraction(amount), scale) + terms.fee_flat


def principal_of(terms: Terms, amount: Decimal, fee: Decimal) -> Decimal:
    """What is owed at the beginning: a fee that is added to the debt stands in it, one that is deducted does not."""
    return amount + fee if terms.fee_mode is FeeMode.CAPITALISED else amount


def pledges_of(
    product: ProductVersion, collateral: Mapping[str, Decimal], prices: Mapping[str, Decimal]
) -> tuple[Pledge, ...]:
    return tuple(
        Pledge(asset, quantity, prices[asset], product.collaterals[asset].thresholds)
        for asset, quantity in sorted(collateral.items())
    )


def largest_amount(
    product: ProductVersion,
    collateral: Mapping[str, Decimal],
    prices: Mapping[str, Decimal],
    *,
    scale: int,
    room: Decimal | None = None,
) -> Decimal:
    """The most that is lent on this collateral, in the product's steps; `room` is what the customer may still owe. It may be zero."""
    terms = product.terms
    debt = lendable_value(product, pledges_of(product, collateral, prices))
    if room is not None:
        debt = min(debt, Fraction(max(room, ZERO)))
    if terms.fee_mode is FeeMode.CAPITALISED:
        debt = max(debt - Fraction(terms.fee_flat), Fraction(0)) / (1 + Fraction(terms.fee_rate))
    amount = floor_to(min(floor_fraction(debt, scale), terms.max_amount), terms.step)
    while amount > 0 and Fraction(principal_of(terms, amount, fee_of(terms, amount, scale=scale))) > debt_limit(
        product, collateral, prices, room
    ):
        amount -= terms.step  # the fee was rounded up
    return max(amount, ZERO)


def debt_limit(
    product: ProductVersion,
    collateral: Mapping[str, Decimal],
    prices: Mapping[str, Decimal],
    room: Decimal | None = None,
) -> Fraction:
    """The most that may be owed on this collateral."""
    limit = lendable_value(product, pledges_of(product, collateral, prices))
    return limit if room is None else min(limit, Fraction(max(room, ZERO)))


def withdrawable(
    product: ProductVersion,
    collateral: Mapping[str, Decimal],
    prices: Mapping[str, Decimal],
    debt: Fraction,
    asset: str,
    *,
    scale: int,
) -> Decimal:
    """How much of this asset may leave so that the rest still carries the debt; where value counts by tiers it may be somewhat more."""
    held = collateral.get(asset, ZERO)
    if debt == 0:
        return held
    spare = debt_limit(product, collateral, prices) - debt
    per_unit = (
        Fraction(prices[asset])
        * product.collaterals[asset].thresholds.pledge.exact
        * (1 - Fraction(product.collaterals[asset].haircut))
    )
    if spare <= 0 or per_unit == 0:
        return ZERO
    return min(floor_fraction(spare / per_unit, scale), held)


def depth_within(bids: Iterable[tuple[Decimal, Decimal]], *, price: Decimal, budget: Decimal) -> Decimal:
    """What the books would buy down to the slippage budget below this price."""
    floor = price * (1 - budget)
    return sum((quantity for bid, quantity in bids if bid >= floor), ZERO)
