"""A loan as its rows hold it, and what follows from them: the debt of a day, the position at prices, and what its lines go by.

Interest is exact between two events and becomes whole units at an event: `interest_owed` holds those, `interest_from` is the first day
that is not yet in them. A day counts once it has begun and the loan stood before it: [from, to).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from fractions import Fraction
from typing import Any
from uuid import UUID

from kernel.day_count import DayCount, year_fraction
from lending.loans.rules import Owed, Pledge, Position, interest_between, interest_due, lines_of
from lending.loans.states import Level, LoanStatus
from lending.loans.watching import Watch
from lending.products.states import RateMode, Rebase
from lending.products.terms import ProductVersion

ZERO = Decimal(0)


@dataclass(frozen=True, slots=True, kw_only=True)
class RateStep:
    """A floating product's rate from a day on, and the interest of one unit from the product's beginning to that day."""

    from_day: date
    factor: Decimal
    rate: Decimal


@dataclass(frozen=True, slots=True, kw_only=True)
class Loan:
    """One row and its collateral by asset. `origination` is the debt and the collateral of the payout.

    `term_from` is the day the running term begins where it is not the first one: with an extension it may still lie ahead.
    """

    id: UUID
    tenant_id: UUID
    customer_id: UUID
    product_id: UUID
    version: int
    asset: str
    status: LoanStatus
    drawn: Decimal
    principal: Decimal
    rate: Decimal
    interest_from: date
    interest_owed: Decimal
    fee_owed: Decimal
    penalty_owed: Decimal
    interest_charged: Decimal
    debt_at_event: Decimal
    origination: Mapping[str, Any]
    opened_on: date
    matures_on: date
    term_from: date | None = None
    auto_top_up: bool
    auto_repay: bool
    level: Level
    below: int
    below_since: datetime | None
    row_version: int
    collateral: Mapping[str, Decimal]

    @property
    def watch(self) -> Watch:
        return Watch(self.level, self.below, self.below_since)

    @property
    def term_began(self) -> date:
        return self.term_from or self.opened_on

    @property
    def fixed_part(self) -> Decimal:
        """What is owed beside the interest that is still running."""
        return self.principal + self.interest_owed + self.fee_owed + self.penalty_owed


def running_interest(loan: Loan, product: ProductVersion, on: date, steps: Sequence[RateStep] = ()) -> Fraction:
    """Exact interest on the principal from `interest_from` to `on`; `steps` of a floating product, oldest first."""
    if on <= loan.interest_from or loan.principal == 0:
        return Fraction(0)
    if product.terms.rate_mode is RateMode.FIXED:
        return interest_between(loan.principal, loan.rate, loan.interest_from, on, day_count=product.terms.day_count)
    counted = product.terms.day_count
    return Fraction(loan.principal) * (factor_at(steps, on, counted) - factor_at(steps, loan.interest_from, counted))


def factor_at(steps: Sequence[RateStep], on: date, day_count: DayCount) -> Fraction:
    """The interest of one unit from the product's beginning to `on`; none before it, where a clock that went back can stand."""
    step = max((s for s in steps if s.from_day <= on), key=lambda s: s.from_day, default=None)
    if step is None:
        return Fraction(0)
    return Fraction(step.factor) + Fraction(step.rate) * year_fraction(step.from_day, on, day_count)


def debt(loan: Loan, product: ProductVersion, on: date, steps: Sequence[RateStep] = ()) -> Fraction:
    """Everything owed at a day, exact: what lines are tested on."""
    return Fraction(loan.fixed_part) + running_interest(loan, product, on, steps)


def owed(loan: Loan, product: ProductVersion, on: date, *, scale: int, steps: Sequence[RateStep] = ()) -> Owed:
    """The same in whole units by its parts, the running interest rounded up: what a payment of that day pays."""
    return Owed(
        penalty=loan.penalty_owed,
        fee=loan.fee_owed,
        interest=loan.interest_owed + interest_due(running_interest(loan, product, on, steps), scale=scale),
        principal=loan.principal,
    )


def position(
    loan: Loan, product: ProductVersion, prices: Mapping[str, Decimal], debt_now: Decimal | Fraction
) -> Position:
    """The live loan at these prices, one per pledged asset."""
    return Position(_pledges(product, loan.collateral, prices), debt_now)


def tested(
    loan: Loan, product: ProductVersion, prices: Mapping[str, Decimal], debt_now: Decimal | Fraction
) -> Position:
    """What the lines of this product go by; the live loan unless the product says otherwise."""
    live = position(loan, product, prices, debt_now)
    if product.terms.rebase is Rebase.LIVE_DEBT:
        return live
    quantities = {asset: Decimal(quantity) for asset, quantity in loan.origination["collateral"].items()}
    origin = Position(_pledges(product, quantities, prices), Decimal(loan.origination["debt"]))
    return lines_of(product.terms.rebase, live=live, last_event=loan.debt_at_event, origination=origin)


def _pledges(
    product: ProductVersion, quantities: Mapping[str, Decimal], prices: Mapping[str, Decimal]
) -> tuple[Pledge, ...]:
    """An asset without a price stands at zero here; who decides looks at the prices first (`watching.look`)."""
    return tuple(
        Pledge(asset, quantity, prices.get(asset, ZERO), product.collaterals[asset].thresholds)
        for asset, quantity in sorted(quantities.items())
    )
