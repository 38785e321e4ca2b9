"""An entry as it stands in its row."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """`plain`: the address in the one spelling in which it is compared."""

    id: UUID
    customer_id: UUID
    network: str
    address: str
    plain: str
    memo: str | None
    label: str
    active_from: datetime
    created_at: datetime
    removed_at: datetime | None = None
