"""Before a sale begins: a customer who asked for it gets collateral added from what lies free, if that brings the loan back.

All or nothing: collateral that would only be sold as well stays where it is.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from decimal import Decimal
from fractions import Fraction

from kernel.db import Tx
from lending.loans import steps
from lending.loans.record import Loan, debt, position, tested
from lending.loans.rules import top_up_needed, worst_line
from lending.loans.watching import is_trusted
from lending.prices import Observed, amounts
from lending.products.states import Line
from lending.products.terms import ProductVersion
from payments.assets import service as assets
from payments.balances import service as balances

SOURCE = "auto"


def top_up(tx: Tx, loan: Loan, product: ProductVersion, prices: Mapping[str, Observed]) -> bool:
    """Step: the loan is locked and about to be sold. True if it was brought back and nothing is to be sold."""
    on = steps.today(tx)
    owed = debt(loan, product, on, steps.rate_steps(tx, loan, product, on))
    believed = {
        asset: seen
        for asset, seen in prices.items()
        if is_trusted(seen.seen, product.terms.guard) and asset in product.collaterals
    }
    free = {row.asset: row.available for row in balances.of_owner(tx, owner=loan.customer_id)}
    scales = {asset: assets.scale(asset) for asset in believed}
    added = what_helps(loan, product, amounts(believed), owed, free=free, scales=scales)
    if added is None:
        return False
    for asset, quantity in added.items():
        loan = steps.top_up(tx, loan, product, asset, quantity, source=SOURCE, on=on)
    steps.mark_again(tx, loan, product, believed, on)
    return True


def what_helps(
    loan: Loan,
    product: ProductVersion,
    prices: Mapping[str, Decimal],
    owed: Fraction,
    *,
    free: Mapping[str, Decimal],
    scales: Mapping[str, int],
) -> dict[str, Decimal] | None:
    """What to add of each asset so that the pledge rates hold again, or at least the actual line; None if there is too little.

    What is pledged already comes first.
    """
    added: dict[str, Decimal] = {}
    grown = loan
    for asset in sorted(prices, key=lambda one: (not loan.collateral.get(one), one)):
        asked = _with(grown, asset, Decimal(0))
        missing = top_up_needed(position(asked, product, prices, owed), asset, scale=scales[asset])
        quantity = min(missing or Decimal(0), free.get(asset, Decimal(0)))
        if quantity > 0:
            added[asset] = quantity
            grown = _with(grown, asset, quantity)
    saved = worst_line(tested(grown, product, prices, owed)) not in {Line.ACTUAL, Line.HARD}
    return added if added and saved else None


def _with(loan: Loan, asset: str, quantity: Decimal) -> Loan:
    return replace(loan, collateral={**loan.collateral, asset: loan.collateral.get(asset, Decimal(0)) + quantity})
