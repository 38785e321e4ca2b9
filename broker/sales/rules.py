"""What the books would pay for a quantity, and how much of it they take within a distance of the price. Pure decimals."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal

from markets.composite.states import CompositeState
from markets.quotes.service import MarketView
from venues.fees import taker_fee

ZERO = Decimal(0)


@dataclass(frozen=True, slots=True)
class SaleCost:
    """`taken` of the quantity is on the books. `cost` is what the sale of that loses against the composite, as a fraction of its worth."""

    quantity: Decimal
    taken: Decimal
    received: Decimal
    cost: Decimal

    @property
    def complete(self) -> bool:
        return self.taken == self.quantity


def is_sound(view: MarketView) -> bool:
    """There is a price at all: what a sale may cost is bounded by its floor, which was decided by trusted prices."""
    return view.composite.price is not None and view.composite.state is not CompositeState.HALT


def bids(view: MarketView) -> list[tuple[Decimal, Decimal, Decimal]]:
    """(what a unit brings after the venue's fee, price, size) of every level at which something may be sold, best first."""
    return sorted(
        (
            (price * (1 - taker_fee(quote.venue)), price, size)
            for quote in view.tradable("best")
            for price, size in quote.bids
        ),
        reverse=True,
    )


def cost_of_sale(view: MarketView, quantity: Decimal) -> SaleCost | None:
    """Sell into all books at once, best level first; None without a price to compare with or a bid."""
    left = quantity
    received = ZERO
    for brings, _, size in bids(view):
        part = min(left, size)
        received += part * brings
        left -= part
        if left == 0:
            break
    taken = quantity - left
    if view.composite.price is None or taken == 0:
        return None
    return SaleCost(quantity, taken, received, 1 - received / (taken * view.composite.price))


def depth_within(view: MarketView, fraction: Decimal) -> Decimal:
    """How much the books take at no less than the composite minus this fraction of it; zero without a price."""
    if view.composite.price is None:
        return ZERO
    worst = view.composite.price * (1 - fraction)
    return sum((size for _, price, size in bids(view) if price >= worst), ZERO)
