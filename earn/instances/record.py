"""One day's sale of a template, as it stands in its row; where it stands follows from the time and from its stock."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from uuid import UUID

from earn.instances.rules import Dates, Window, status_at
from earn.instances.states import InstanceStatus
from earn.templates.terms import Terms


@dataclass(frozen=True, slots=True, kw_only=True)
class Instance:
    """`quota` in the asset; its stock under `sku` counts steps of it."""

    id: UUID
    template_id: UUID
    version: int
    name: str
    asset: str
    terms: Terms
    sku: str
    quota: Decimal
    window: Window
    dates: Dates
    withdrawn_at: datetime | None

    def status(self, now: datetime, *, left: Decimal) -> InstanceStatus:
        """`left`: what can still be bought of the quota."""
        return status_at(
            now, self.window, self.dates, self.terms.zone, sold_out=left < self.terms.minimum,
            withdrawn=self.withdrawn_at is not None,
        )  # fmt: skip
