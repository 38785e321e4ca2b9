"""Facts about address books that leave the package."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from kernel.events import event


@event("wallet.address_added.v1")
@dataclass(frozen=True, slots=True)
class AddressAdded:
    """From `active_from` on money can be sent there."""

    address_id: UUID
    customer_id: UUID
    network: str
    address: str
    label: str
    active_from: datetime
    added_at: datetime
