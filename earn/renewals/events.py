"""Facts about maturities that leave the package. Amounts are in the asset."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from uuid import UUID

from kernel.events import event


@event("earn.renewed.v1")
@dataclass(frozen=True, slots=True)
class Renewed:
    """It reached its maturity and went on as `into`, with `principal` at `apr` until `maturity`; `paid_out` came to the account."""

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
    """It reached its maturity and is paid out, though its customer chose otherwise; `reason` is the code of the refusal."""

    subscription_id: UUID
    customer_id: UUID
    asset: str
    principal: Decimal
    reason: str


@event("earn.matures_soon.v1")
@dataclass(frozen=True, slots=True)
class MaturesSoon:
    """Three business days are left until the maturity; `renewal` is what happens then unless the customer chooses otherwise."""

    subscription_id: UUID
    customer_id: UUID
    asset: str
    principal: Decimal
    maturity: date
    renewal: str
