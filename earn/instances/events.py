"""Facts about instances that leave the package."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from uuid import UUID

from kernel.events import event


@event("earn.sale_stopped.v1")
@dataclass(frozen=True, slots=True)
class SaleStopped:
    """Nothing more is sold of this day; what was sold runs on and is paid."""

    instance_id: UUID
    template_id: UUID
    sale_date: date
