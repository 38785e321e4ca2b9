"""Facts about webhooks."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from kernel.events import event


@event("notices.webhook_tested.v1")
@dataclass(frozen=True, slots=True)
class WebhookTested:
    """Its owner wants to see something arrive there."""

    principal_id: UUID
    webhook_id: UUID
    tested_at: datetime
