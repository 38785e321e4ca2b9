"""A subscription as it stands in its row."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from uuid import UUID
from zoneinfo import ZoneInfo

from earn.subscriptions.states import SubscriptionStatus
from earn.templates.states import Renewal


@dataclass(frozen=True, slots=True, kw_only=True)
class Subscription:
    """`apr_applied`: the one rate that earns the same on this principal. `accrued` and `clawed_back` only of one redeemed early.

    `renewal_refused`: the code of why it is paid out though its customer chose otherwise. `remind_on`: when they are told that it
    matures soon.
    """

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
    renewal: Renewal = Renewal.PAY_OUT
    renewed_from: UUID | None = None
    renewed_into: UUID | None = None
    renewal_refused: str | None = None
    remind_on: date | None = None
