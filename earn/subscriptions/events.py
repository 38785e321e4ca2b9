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
    """The last row was paid: principal and interest are on the customer's account."""

    subscription_id: UUID
    customer_id: UUID
    asset: str
    principal: Decimal


@event("earn.redeemed_early.v1")
@dataclass(frozen=True, slots=True)
class RedeemedEarly:
    """`cash` came back at once, beside the rows that were due by then."""

    subscription_id: UUID
    customer_id: UUID
    asset: str
    principal: Decimal
    cash: Decimal


@event("earn.renewed.v1")
@dataclass(frozen=True, slots=True)
class Renewed:
    """At its maturity it went on as the subscription `into`, of `principal` at `apr`; the rest, `paid_out`, is on the account."""

    subscription_id: UUID
    customer_id: UUID
    into: UUID
    asset: str
    principal: Decimal
    paid_out: Decimal
    apr: Decimal
    maturity: date


@event("earn.renewal_refused.v1")
@dataclass(frozen=True, slots=True)
class RenewalRefused:
    """It should have gone on and could not, for `reason`, a code: principal and interest are on the account."""

    subscription_id: UUID
    customer_id: UUID
    asset: str
    principal: Decimal
    reason: str


@event("earn.matures_soon.v1")
@dataclass(frozen=True, slots=True)
class MaturesSoon:
    """Three days before the maturity: what will become of it, which its customer may still change."""

    subscription_id: UUID
    customer_id: UUID
    asset: str
    principal: Decimal
    maturity: date
    renewal: str
