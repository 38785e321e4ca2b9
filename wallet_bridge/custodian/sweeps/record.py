"""What lies on one deposit address."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal


@dataclass(frozen=True, slots=True)
class Pile:
    """Final deposits of one asset that nothing takes yet."""

    address: str
    asset: str
    amount: Decimal
