"""The house's side of the books, asset by asset. Everything is in the ledger's signs, but assets are shown as what we own: positive.

What we own (custody, outside) = what we owe customers + what is the house's own (capital, trading, earned, spent, other). The house bears
the price of *trading* only by accident, and of *earned* and *spent* until they are turned into the reporting currency.
"""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal

from broker.revenue.rules import ZERO, Position, worth


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """Sums of the ledger in one asset."""

    asset: str
    custody: Decimal = ZERO
    outside: Decimal = ZERO
    customers: Decimal = ZERO
    capital: Decimal = ZERO
    trading: Decimal = ZERO
    earned: Decimal = ZERO
    spent: Decimal = ZERO
    other: Decimal = ZERO

    @property
    def balanced(self) -> bool:
        """Both sides of the books are equal; anything else is a broken ledger."""
        own = self.capital + self.trading + self.earned - self.spent + self.other
        return self.custody + self.outside == self.customers + own


@dataclass(frozen=True, slots=True, kw_only=True)
class Exposure:
    """One asset: the books, what trading left with the house at average cost, and both at the mark."""

    books: Standing
    position: Position
    price: Decimal | None

    @property
    def unrealised(self) -> Decimal | None:
        """None while nobody knows a price."""
        if self.position.quantity == 0:
            return -self.position.cost
        return None if self.price is None else self.position.unrealised(self.price)

    @property
    def worth(self) -> Decimal | None:
        return None if self.price is None else worth(self.position.quantity, self.price)


def total_unrealised(assets: list[Exposure]) -> Decimal:
    """Of all assets that have a price."""
    return sum((e.unrealised or ZERO for e in assets), ZERO)
