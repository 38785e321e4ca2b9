"""Facts about API keys, for whoever tells their owner."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from kernel.events import event


@event("identity.api_key_misused.v1")
@dataclass(frozen=True, slots=True)
class ApiKeyMisused:
    """A request bore the right signature of a key and was refused: `what` is its `scope` or the `address` it came from."""

    principal_id: UUID
    key_id: UUID
    name: str
    what: str
    address: str
    refused_at: datetime
