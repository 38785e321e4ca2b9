"""Facts about funding lines that others wait for."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from uuid import UUID

from kernel.events import event


@event("lending.funding_drawn.v1")
@dataclass(frozen=True, slots=True)
class FundingDrawn:
    """The money that was asked for outside is here, and booked."""

    line_id: UUID
    loan_id: UUID
    amount: Decimal


@event("lending.funding_refused.v1")
@dataclass(frozen=True, slots=True)
class FundingRefused:
    """It will not come; nothing was booked."""

    line_id: UUID
    loan_id: UUID
    amount: Decimal
