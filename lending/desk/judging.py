"""What a loan allows at these prices: the rules of the desk, the same for what is done and for what is only asked. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from fractions import Fraction

from lending import prices
from lending.desk import rules
from lending.errors import PriceNotTrusted
from lending.loans.record import Loan, tested
from lending.loans.rules import worst_line
from lending.loans.states import Level
from lending.prices import Observed
from lending.products.states import Line
from lending.products.terms import ProductVersion

ZERO = Decimal(0)


def require_trusted(loan: Loan, product: ProductVersion, observed: Mapping[str, Observed]) -> None:
    """Raises `PriceNotTrusted` where the price of something that the loan holds is not to be believed."""
    pledged = sorted(asset for asset, quantity in loan.collateral.items() if quantity)
    prices.require_trusted(observed, pledged, product.terms.guard)


def worst(loan: Loan, product: ProductVersion, observed: Mapping[str, Observed], exact: Fraction) -> Line | None:
    """The worst line that is hit; `exact` is all that is owed.

    Raises:
        PriceNotTrusted: nobody can say.
    """
    require_trusted(loan, product, observed)
    return worst_line(tested(loan, product, prices.amounts(observed), exact))


def needs_nothing(loan: Loan, product: ProductVersion, observed: Mapping[str, Observed], exact: Fraction) -> bool:
    """At prices to believe it is on no line, and carries its debt at the pledge rates."""
    try:
        line = worst(loan, product, observed, exact)
    except PriceNotTrusted:
        return False
    return loan.level is Level.HEALTHY and line is None and carries(product, loan.collateral, observed, exact)


def may_leave(
    loan: Loan,
    product: ProductVersion,
    observed: Mapping[str, Observed],
    exact: Fraction,
    leaving: Mapping[str, Decimal],
) -> bool:
    """What stays must carry the debt at the pledge rates, and a loan that is not healthy gives nothing back.

    A margin call that was decided counts, whatever the prices of now say.

    Raises:
        PriceNotTrusted: there is no price right now that it could be judged by.
    """
    if loan.level.rank >= Level.MARGIN_CALL.rank:
        return False
    collateral = dict(loan.collateral)
    for asset, quantity in leaving.items():
        collateral[asset] = collateral.get(asset, ZERO) - quantity
        if collateral[asset] < 0:
            return False
    return worst(loan, product, observed, exact) is None and carries(product, collateral, observed, exact)


def carries(
    product: ProductVersion, collateral: Mapping[str, Decimal], observed: Mapping[str, Observed], exact: Fraction
) -> bool:
    """Whether so much may be owed on it."""
    held = {asset: quantity for asset, quantity in collateral.items() if quantity}
    if any(asset not in observed for asset in held):
        return False
    return exact <= rules.debt_limit(product, held, prices.amounts(observed))
