"""What the lists brought to light."""

from __future__ import annotations

from dataclasses import dataclass

from kernel.events import event


@event("broker.foreign_order_seen.v1")
@dataclass(frozen=True, slots=True)
class ForeignOrderSeen:
    """Somebody else placed an order on our account: it is shown to people and never touched."""

    venue: str
    symbol: str
    venue_order_id: str
    client_order_id: str
