"""Facts that leave this room."""

from dataclasses import dataclass
from decimal import Decimal

from kernel.events import event


@event("wallet_bridge.venue_balance_low.v1")
@dataclass(frozen=True, slots=True)
class VenueBalanceLow:
    """An order could not be hedged at this venue because too little was usable there."""

    venue: str
    asset: str
    needed: Decimal
    usable: Decimal
