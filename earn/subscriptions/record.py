"""A subscription as it stands in its row."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from uuid import UUID
from zoneinfo import ZoneInfo

from earn.subscriptions.states import SubscriptionStatus


@dataclass(frozen=True, slots=True, kw_only=True)
class Subscription:
    """`apr_applied`: the one rate that earns the same on this principal. `accrued` and `clawed_back` only of one redeemed early."""

    id: UUID
    customer_id: UUID
    instance_id: UUID
    template_id: UUID
    order_id: UUID
    asset: str
    account_id: int
    principal: Decimal
    apr_applied: Decimal
    value_date: date
    maturity: date
    zone: ZoneInfo
    status: SubscriptionStatus
    created_at: datetime
    ended_at: datetime | None = None
    accrued: Decimal | None = None
    clawed_back: Decimal | None = None
