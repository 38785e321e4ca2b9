"""Shapes of alerts over HTTP."""

from __future__ import annotations

from datetime import datetime
from typing import ClassVar
from uuid import UUID

from pydantic import BaseModel, ConfigDict

from kernel.money import DecimalString
from wallet_bridge.alerts.states import Grade, Kind


class AlertOut(BaseModel):
    """`needed`: the line in the asset, or what an order needed; `times` counts repeats while the alert is open.

    `asset` is `*` where a whole place says nothing any more. `calm_since`: all is well, and it is over if that lasts.
    """

    model_config: ClassVar[ConfigDict] = ConfigDict(from_attributes=True)

    id: UUID
    location: str
    venue: str | None
    asset: str
    kind: Kind
    level: Grade
    needed: DecimalString | None
    usable: DecimalString
    state: str
    times: int
    first_at: datetime
    last_at: datetime
    acked_by: UUID | None
    acked_at: datetime | None
    escalations: int
    escalated_at: datetime | None
    calm_since: datetime | None
    cleared_at: datetime | None
