"""Facts about price alerts that leave the package."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from uuid import UUID

from kernel.events import event


@event("markets.price_alert_fired.v1")
@dataclass(frozen=True, slots=True)
class PriceAlertFired:
    """The composite crossed the price of an alert; `count` numbers the crossings of this alert from 1."""

    alert_id: UUID
    owner_id: UUID
    symbol: str
    direction: str
    price: Decimal
    composite: Decimal
    count: int
    fired_at: datetime
