"""Facts about products that leave the package."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal

from kernel.events import event


@event("payments.price_changed.v1")
@dataclass(frozen=True, slots=True)
class PriceChanged:
    """Orders of an older version can no longer be reserved."""

    sku: str
    asset: str
    price: Decimal
    price_version: int
