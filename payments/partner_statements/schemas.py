"""What finance sees of an uploaded statement."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from pydantic import BaseModel, ConfigDict

from kernel.money import DecimalString


class StatementOut(BaseModel):
    """`total` counts what we own there; `matched` lines were found in our journal."""

    model_config = ConfigDict(from_attributes=True)

    id: UUID
    partner: str
    path: str
    asset: str
    lines: int
    matched: int
    total: DecimalString
    first_at: datetime
    last_at: datetime
    uploaded_by: UUID
    uploaded_at: datetime
