"""A loan against its lines, exactly: which line is hit, what may leave, what must come, and what a payment pays.

Line k is hit when the sum of quantity × price × loan-to-value of the line over all collateral is at most the debt. Nothing is divided or
rounded before that comparison, and on the line counts as hit. A debt of zero has no lines.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from fractions import Fraction

from kernel.day_count import DayCount, year_fraction
from kernel.money import ceil_fraction, floor_fraction, half_even_fraction
from lending.products.rules import Thresholds
from lending.products.states import REPAYMENT_ORDER, Line, Part, Rebase

ZERO = Decimal(0)
SHOWN_PLACES = 8

Exact = Decimal | Fraction
"""A debt is exact between two payments: principal plus interest to the instant, not yet rounded."""


@dataclass(frozen=True, slots=True)
class Pledge:
    """What one asset brings: its quantity, the price of one unit, and the product's lines for it."""

    asset: str
    quantity: Decimal
    price: Decimal
    thresholds: Thresholds

    @property
    def value(self) -> Fraction:
        return Fraction(self.quantity) * Fraction(self.price)


@dataclass(frozen=True, slots=True)
class Position:
    """A loan at one moment. `debt` is principal, interest to that moment and fees due."""

    pledges: tuple[Pledge, ...]
    debt: Exact

    @property
    def value(self) -> Fraction:
        return sum((pledge.value for pledge in self.pledges), Fraction(0))

    def at(self, prices: Mapping[str, Decimal]) -> Position:
        """The same loan at other prices; every asset must have one, for a missing price is not a price of zero."""
        return replace(self, pledges=tuple(replace(pledge, price=prices[pledge.asset]) for pledge in self.pledges))


def weighed(position: Position, line: Line) -> Fraction:
    """The debt at which this line is hit."""
    return sum((pledge.value * pledge.thresholds.of(line) for pledge in position.pledges), Fraction(0))


def is_hit(position: Position, line: Line) -> bool:
    return position.debt > 0 and weighed(position, line) <= Fraction(position.debt)


def worst_line(position: Position) -> Line | None:
    """The last of the lines that are hit; those before it are hit as well."""
    return next((line for line in reversed(Line) if is_hit(position, line)), None)


def is_underwater(position: Position) -> bool:
    """Worth less than is owed; strictly, unlike a line."""
    return position.value < Fraction(position.debt)


def lines_of(rebase: Rebase, *, live: Position, last_event: Exact, origination: Position) -> Position:
    """What the lines are tested on: the live loan, its debt at the last event, or the loan that was paid out, at today's prices.

    A frozen line is a price that neither a repayment nor a top-up moves.
    """
    if live.debt == 0 or rebase is Rebase.LIVE_DEBT:
        return live
    if rebase is Rebase.ON_EVENT:
        return replace(live, debt=last_event)
    return origination.at({pledge.asset: pledge.price for pledge in live.pledges})


def health(position: Position, line: Line = Line.DISPLAYED) -> Fraction | None:
    """1 on the line, less beyond it; None without a debt. To show, never to decide."""
    return weighed(position, line) / Fraction(position.debt) if position.debt > 0 else None


def shown_health(position: Position) -> Decimal | None:
    """Rounded up, so that a number of at most 1 is shown exactly when the displayed line is hit."""
    exact = health(position)
    return None if exact is None else ceil_fraction(exact, SHOWN_PLACES)


def loan_to_value(position: Position) -> Decimal | None:
    """Debt over value, to show; None where the collateral is worth nothing."""
    value = position.value
    return half_even_fraction(Fraction(position.debt) / value, SHOWN_PLACES) if value else None


# ---------------------------------------------------------------------------------------------------- the price that reaches a line


def price_reaching(position: Position, line: Line, asset: str) -> Fraction | None:
    """The price of this asset, the others' unchanged, at which the line is hit; None if the others carry the loan alone."""
    mine = [pledge for pledge in position.pledges if pledge.asset == asset]
    others = replace(position, pledges=tuple(pledge for pledge in position.pledges if pledge.asset != asset))
    per_unit = sum((Fraction(pledge.quantity) * pledge.thresholds.of(line) for pledge in mine), Fraction(0))
    missing = Fraction(position.debt) - weighed(others, line)
    return missing / per_unit if per_unit > 0 and missing > 0 else None


def uniform_factor(position: Position, line: Line) -> Fraction | None:
    """All prices times this hit the line exactly: 0.9 is a fall of a tenth, 1 or more means it is hit; None without debt or value."""
    reached = weighed(position, line)
    return Fraction(position.debt) / reached if position.debt > 0 and reached > 0 else None


# ----------------------------------------------------------------------------------------------------------- what may leave or come


def lendable(position: Position) -> Fraction:
    """The debt that the pledge rates allow on this collateral."""
    return sum((pledge.value * pledge.thresholds.pledge.exact for pledge in position.pledges), Fraction(0))


def largest_debt(position: Position, *, scale: int) -> Decimal:
    return floor_fraction(lendable(position), scale)


def is_drawable(position: Position) -> bool:
    """Within the pledge rates: what a draw or a withdrawal must leave behind."""
    return Fraction(position.debt) <= lendable(position)


def largest_withdrawal(position: Position, asset: str, *, scale: int) -> Decimal:
    """The most of this asset that may leave so that the rest still carries the debt at the pledge rates, rounded down."""
    pledge = _pledge_of(position, asset)
    if position.debt == 0:
        return pledge.quantity
    spare = lendable(position) - Fraction(position.debt)
    per_unit = Fraction(pledge.price) * pledge.thresholds.pledge.exact
    if spare <= 0 or per_unit == 0:
        return ZERO
    return min(floor_fraction(spare / per_unit, scale), pledge.quantity)


def repayment_needed(position: Position, *, scale: int) -> Decimal:
    """What brings the loan back to the pledge rates, rounded up; zero when it is there."""
    return max(ceil_fraction(Fraction(position.debt) - lendable(position), scale), ZERO)


def top_up_needed(position: Position, asset: str, *, scale: int) -> Decimal | None:
    """How much more of this asset does the same, rounded up; None where it is worth nothing."""
    missing = Fraction(position.debt) - lendable(position)
    if missing <= 0:
        return ZERO
    pledge = _pledge_of(position, asset)
    per_unit = Fraction(pledge.price) * pledge.thresholds.pledge.exact
    return ceil_fraction(missing / per_unit, scale) if per_unit > 0 else None


def _pledge_of(position: Position, asset: str) -> Pledge:
    """To ask about an asset that is not pledged yet, add it with a quantity of zero."""
    return next(pledge for pledge in position.pledges if pledge.asset == asset)


# ------------------------------------------------------------------------------------------------------------ interest and repayment


@dataclass(frozen=True, slots=True)
class Owed:
    """A debt by its parts, at the asset's scale."""

    penalty: Decimal = ZERO
    fee: Decimal = ZERO
    interest: Decimal = ZERO
    principal: Decimal = ZERO

    def of(self, part: Part) -> Decimal:
        return {
            Part.PENALTY: self.penalty,
            Part.FEE: self.fee,
            Part.INTEREST: self.interest,
            Part.PRINCIPAL: self.principal,
        }[part]

    @property
    def total(self) -> Decimal:
        return self.penalty + self.fee + self.interest + self.principal

    def less(self, paid: Owed) -> Owed:
        return Owed(
            penalty=self.penalty - paid.penalty,
            fee=self.fee - paid.fee,
            interest=self.interest - paid.interest,
            principal=self.principal - paid.principal,
        )


@dataclass(frozen=True, slots=True)
class Allocation:
    """What a payment pays; `left` is more than was owed and stays with the payer."""

    paid: Owed
    left: Decimal


def interest_between(
    principal: Decimal, annual_rate: Decimal, start: date, end: date, *, day_count: DayCount
) -> Fraction:
    """Simple interest, exact; it is rounded when it is due and not before."""
    return Fraction(principal) * Fraction(annual_rate) * year_fraction(start, end, day_count)


def interest_due(exact: Fraction, *, scale: int) -> Decimal:
    """Interest of an open-term debt when it is paid: up to the next unit, for the customer owes it."""
    return ceil_fraction(exact, scale)


def allocate(amount: Decimal, owed: Owed, order: Sequence[Part] = REPAYMENT_ORDER) -> Allocation:
    """Pay the parts one after the other, each in full before the next gets anything."""
    assert sorted(order) == sorted(Part), "each part stands in the order once"
    left, paid = amount, {}
    for part in order:
        paid[part] = min(left, owed.of(part))
        left -= paid[part]
    return Allocation(
        Owed(
            penalty=paid[Part.PENALTY],
            fee=paid[Part.FEE],
            interest=paid[Part.INTEREST],
            principal=paid[Part.PRINCIPAL],
        ),
        left,
    )
