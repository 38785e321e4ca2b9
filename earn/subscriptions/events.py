"""Facts about subscriptions that leave the package. Amounts are in the asset."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from uuid import UUID

from kernel.events import event


@event("earn.subscribed.v1")
@dataclass(frozen=True, slots=True)
class Subscribed:
    """The principal was taken from the customer's account and a plan made."""

    subscription_id: UUID
    customer_id: UUID
    instance_id: UUID
    asset: str
    principal: Decimal
    maturity: date


@event("earn.matured.v1")
@dataclass(frozen=True, slots=True)
class Matured:
    """The last row was paid: principal and interest are on the customer's account; `renewal_refused` is why it did not go on as chosen."""

    subscription_id: UUID
    customer_id: UUID
    asset: str
    principal: Decimal
    renewal_refused: str | None = None


@event("earn.redeemed_early.v1")
@dataclass(frozen=True, slots=True)
class RedeemedEarly:
    """`cash` came back at once, beside the rows that were due by then."""

    subscription_id: UUID
    customer_id: UUID
    asset: str
    principal: Decimal
    cash: Decimal
