"""Facts about templates that leave the package."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from uuid import UUID

from kernel.events import event


@event("earn.template_published.v1")
@dataclass(frozen=True, slots=True)
class TemplatePublished:
    """Days of sale from `effective_from` on follow this version; what is sold before keeps the older one."""

    template_id: UUID
    version: int
    name: str
    asset: str
    effective_from: date


@event("earn.template_retired.v1")
@dataclass(frozen=True, slots=True)
class TemplateRetired:
    """No new day of sale is planned under this version."""

    template_id: UUID
    version: int
