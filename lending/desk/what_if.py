"""A loan as it would be: at other prices, or after one movement of money. Nothing is changed.

Whether the movement would be let through is asked of the rules that let it through (`judging`, and the caps of `quoting`); what the
customer has in the account is not looked at, for who asks may mean to bring it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from decimal import Decimal
from uuid import UUID

from kernel import db
from lending import prices
from lending.desk import errors, judging, quoting, service
from lending.desk import shown as showing
from lending.desk.service import Caller
from lending.desk.shown import Shown
from lending.errors import PriceNotTrusted
from lending.loans.record import Loan, debt, tested
from lending.loans.rules import worst_line
from lending.loans.states import LEVEL_AT, RUNNING, Level
from lending.prices import Observed

ZERO = Decimal(0)


@dataclass(frozen=True, slots=True, kw_only=True)
class WhatIf:
    """A loan as it would be: other prices, or one movement of money."""

    prices: Mapping[str, Decimal]
    top_up: tuple[str, Decimal] | None
    withdraw: tuple[str, Decimal] | None
    repay: Decimal | None


@dataclass(frozen=True, slots=True)
class Answer:
    """`level` is the one the lines say, before the wait for a sale; `allowed` is False where the desk would refuse it."""

    shown: Shown
    level: Level | None
    allowed: bool


def what_if(caller: Caller, loan_id: UUID, asked: WhatIf) -> Answer:
    """The loan at other prices, or after a movement of money; nothing is changed.

    Raises:
        LoanNotFound, CollateralNotAccepted, InvalidRequest: as they say.
    """
    now = service.view(caller, loan_id)
    each, loan, product = now.gathered, now.gathered.loan, now.gathered.product
    for asset in (*asked.prices, *(pair[0] for pair in (asked.top_up, asked.withdraw) if pair)):
        if asset not in product.collaterals:
            raise errors.CollateralNotAccepted(asset=asset)
    observed = prices.observe_all({*now.collateral, *([asked.top_up[0]] if asked.top_up else [])}, loan.asset)
    priced = {
        asset: replace(found, seen=replace(found.seen, price=asked.prices.get(asset, found.seen.price)))
        for asset, found in observed.items()
    }
    collateral, allowed = dict(now.collateral), loan.status in RUNNING and _allowed(caller, now, asked, priced)
    if asked.top_up is not None:
        asset, quantity = asked.top_up
        collateral[asset] = collateral.get(asset, ZERO) + quantity
    if asked.withdraw is not None:
        asset, quantity = asked.withdraw
        collateral[asset] = max(collateral.get(asset, ZERO) - quantity, ZERO)
    paid = min(asked.repay or ZERO, now.owed.total)
    after = showing.shown(replace(each, loan=_after(loan, collateral, now, paid)), priced)
    return Answer(after, _level(after), allowed)


def _allowed(caller: Caller, now: Shown, asked: WhatIf, priced: Mapping[str, Observed]) -> bool:
    """By the rules of the deeds themselves. At prices that are only asked about, the level of the real ones decides nothing."""
    each, loan, product = now.gathered, now.gathered.loan, now.gathered.product
    if asked.prices:
        loan = replace(loan, level=Level.HEALTHY)
    exact = debt(loan, product, each.on, each.steps)
    if asked.withdraw is not None:
        asset, quantity = asked.withdraw
        try:
            return judging.may_leave(loan, product, priced, exact, {asset: quantity})
        except PriceNotTrusted:
            return False
    if asked.top_up is not None and judging.needs_nothing(loan, product, priced, exact):
        asset, quantity = asked.top_up
        depth = quoting.depths(product, [asset])
        with db.read_only(tenant=caller.tenant) as tx:
            return quoting.has_room_for(tx, product, asset, quantity, depth)
    return True


def _after(loan: Loan, collateral: Mapping[str, Decimal], now: Shown, paid: Decimal) -> Loan:
    """The loan with this collateral; a payment makes whole units of its interest, as it would."""
    if loan.status not in RUNNING or not paid:
        return replace(loan, collateral=collateral)
    left = now.owed.total - paid
    part = min(left, loan.principal)
    return replace(
        loan,
        collateral=collateral,
        principal=part,
        interest_owed=left - part,
        fee_owed=ZERO,
        penalty_owed=ZERO,
        interest_from=now.gathered.on,
        debt_at_event=left,
    )


def _level(after: Shown) -> Level | None:
    """By the worst line that is hit at these prices."""
    loan, product = after.gathered.loan, after.gathered.product
    priced = prices.amounts(after.prices)
    if loan.status not in RUNNING or any(asset not in priced for asset in after.collateral):
        return None
    exact = debt(loan, product, after.gathered.on, after.gathered.steps)
    return LEVEL_AT[worst_line(tested(loan, product, priced, exact))]
