"""Exact amounts of a payment order: what it costs, who gets which part, what a refund takes back from whom."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal

from kernel.money import LIMIT, InvalidAmount, half_even_to_scale, split_largest_remainder


def amount_of(price: Decimal, quantity: int, *, scale: int) -> Decimal:
    """Price × quantity at the asset's scale.

    Raises:
        InvalidAmount: more than the ledger can hold, or nothing.
    """
    if price * quantity >= LIMIT:
        raise InvalidAmount("the order is too large")
    amount = half_even_to_scale(price * quantity, scale)
    if not 0 < amount < LIMIT:
        raise InvalidAmount("the order costs nothing or too much")
    return amount


def legs_of(amount: Decimal, weights: Sequence[Decimal], *, scale: int) -> list[Decimal]:
    """The parts of a payment; they sum to it exactly."""
    return split_largest_remainder(amount, weights, scale)


def refund_legs(amount: Decimal, left: Sequence[Decimal], *, scale: int) -> list[Decimal]:
    """Split a refund by what each receiver still has of the payment.

    No part exceeds what is left of its leg, for each leg is a whole number of the smallest unit; and the last refund takes exactly the
    rest. Splitting by the original weights would do neither after a few odd refunds.
    """
    return split_largest_remainder(amount, left, scale)


def refund_amount(
    *, amount: Decimal | None, quantity: int | None, price: Decimal, left: Decimal, units_left: int
) -> tuple[Decimal, int]:
    """What to pay back and how many units came back.

    Nothing named: all that is left. Units named: their price, at most what is left. Money named: no unit comes back unless said,
    except with the last of the money.
    """
    if amount is None:
        amount = left if quantity is None else min(price * quantity, left)
    if quantity is None:
        quantity = units_left if amount == left else 0
    return amount, quantity
