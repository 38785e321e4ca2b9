"""A liquidation in numbers: how much to sell, the lowest price to sell at, and where the proceeds go, to the last unit.

Proceeds pay principal, interest, fees and penalty, then the liquidation fee, and what is left belongs to the customer: our own fee never
turns a covered debt into a loss. A partial sale leaves the loan running, so there the fee comes out of the proceeds beside the debt.
"""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction

from kernel.money import ceil_fraction, ceil_to
from lending.loans.rules import Exact, Owed, Position, allocate
from lending.products.states import Part
from lending.products.terms import Fee

ZERO = Decimal(0)
SETTLEMENT_ORDER = (Part.PRINCIPAL, Part.INTEREST, Part.FEE, Part.PENALTY)


@dataclass(frozen=True, slots=True)
class Settlement:
    """proceeds + shortfall = debt + fee + surplus, where `paid` + `unpaid` is the debt and `unpaid` the shortfall by its parts."""

    paid: Owed
    fee: Decimal
    surplus: Decimal
    unpaid: Owed

    @property
    def shortfall(self) -> Decimal:
        return self.unpaid.total


@dataclass(frozen=True, slots=True)
class Cover:
    """Who bears a shortfall: the insurance pool first, then the house."""

    insurance: Decimal
    bad_debt: Decimal


def share_to_sell(*, value: Exact, debt: Exact, target_ltv: Decimal, cost: Decimal, fee: Fee) -> Fraction:
    """The part of the collateral whose sale brings the loan to `target_ltv`: 0 when it is there, 1 when not even all of it would do.

    `cost` is what the sale loses to fees and slippage, as a fraction of the value sold.
    """
    worth, owed, target = Fraction(value), Fraction(debt), Fraction(target_ltv)
    missing = owed - target * worth
    if missing <= 0:
        return Fraction(0)
    left, rate = 1 - Fraction(cost), Fraction(fee.rate)
    wanted = [_share(missing, worth, left / (1 + rate) - target)]
    if fee.cap is not None and rate > 0:
        wanted.append(_share(missing + Fraction(fee.cap), worth, left - target))
    return min(wanted)


def _share(missing: Fraction, worth: Fraction, gain: Fraction) -> Fraction:
    """`gain`: by how much selling one unit of value brings debt and target together."""
    return min(missing / (gain * worth), Fraction(1)) if gain > 0 and worth > 0 else Fraction(1)


def quantities_to_sell(position: Position, share: Fraction, scales: dict[str, int]) -> dict[str, Decimal]:
    """The same share of every asset, rounded up to its scale: the basket keeps its mixture."""
    return {
        pledge.asset: min(ceil_fraction(Fraction(pledge.quantity) * share, scales[pledge.asset]), pledge.quantity)
        for pledge in position.pledges
    }


def still_to_earn(owed: Owed, proceeds: Decimal, fee: Fee, *, scale: int) -> Decimal:
    """What the sale must still bring before debt and fee are paid; a full liquidation stops selling at zero."""
    return max(owed.total + fee.on(owed.total, scale=scale) - proceeds, ZERO)


def quantity_to_earn(missing: Decimal, *, price: Decimal, cost: Decimal, scale: int) -> Decimal:
    """How much of an asset brings `missing` at this price once the cost of the sale is off, rounded up."""
    return ceil_fraction(Fraction(missing) / (Fraction(price) * (1 - Fraction(cost))), scale)


def floor_price(price: Decimal, *, budget: Decimal, tick: Decimal) -> Decimal:
    """The lowest price within the slippage budget, a fraction of the price at the trigger. Below it the sale waits for a person."""
    return ceil_to(price * (1 - budget), tick)


def settle(proceeds: Decimal, owed: Owed, fee: Fee, *, scale: int) -> Settlement:
    """The end of a full liquidation: proceeds are net of the venues' fees, and nothing is left to sell or nothing needs to be sold."""
    allocation = allocate(proceeds, owed, SETTLEMENT_ORDER)
    charged = min(fee.on(allocation.paid.total, scale=scale), allocation.left)
    return Settlement(allocation.paid, charged, allocation.left - charged, owed.less(allocation.paid))


def settle_partial(proceeds: Decimal, owed: Owed, fee: Fee, *, scale: int) -> Settlement:
    """A partial one: fee and debt share the proceeds, the loan goes on with `unpaid`, which is no loss."""
    whole = owed.total + fee.on(owed.total, scale=scale)
    if proceeds >= whole:
        return settle(proceeds, owed, fee, scale=scale)
    charged = ceil_fraction(Fraction(proceeds) * Fraction(fee.rate) / (1 + Fraction(fee.rate)), scale)
    if fee.cap is not None:
        charged = min(charged, fee.cap)
    allocation = allocate(proceeds - charged, owed, SETTLEMENT_ORDER)
    return Settlement(allocation.paid, charged, allocation.left, owed.less(allocation.paid))


def cover(shortfall: Decimal, insurance: Decimal) -> Cover:
    """Split a shortfall between what the insurance pool holds for this asset and a bad debt."""
    insured = min(shortfall, max(insurance, ZERO))
    return Cover(insured, shortfall - insured)
