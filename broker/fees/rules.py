"""What a customer pays us for a trade, as a fraction of its cost in quote."""

from __future__ import annotations

from decimal import Decimal
from typing import Protocol

from kernel.money import ceil_to_scale


class FeeTerms(Protocol):
    """The part of an order that its fee depends on."""

    @property
    def fee_rate(self) -> Decimal: ...


CUSTOMER_RATE = Decimal("0.001")


def customer_fee_rate() -> Decimal:
    return CUSTOMER_RATE


def rate_for(order: FeeTerms) -> Decimal:
    """The rate of the order's next fill: what was agreed when it was accepted."""
    return order.fee_rate


def next_fee(*, rate: Decimal, cost_so_far: Decimal, cost: Decimal, fee_so_far: Decimal, scale: int) -> Decimal:
    """The fee of one more fill, so that the order's whole fee is its rate on its whole cost, rounded up once and not per fill."""
    return ceil_to_scale(rate * (cost_so_far + cost), scale) - fee_so_far
