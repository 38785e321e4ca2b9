"""Facts about a loan's days that leave the package: what is soon due, what is late, what a floating rate will be."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from uuid import UUID

from kernel.events import event


@event("lending.due_soon.v1")
@dataclass(frozen=True, slots=True)
class DueSoon:
    """`amount` has to be paid on `due_on`, `days` from now; `final` where the loan ends with it. Told once for each number of days."""

    loan_id: UUID
    customer_id: UUID
    asset: str
    amount: Decimal
    due_on: date
    days: int
    final: bool


@event("lending.overdue.v1")
@dataclass(frozen=True, slots=True)
class Overdue:
    """`amount` was due on `due_on` and is not paid; after `grace_until` it costs a penalty, and a loan that has ended is sold out."""

    loan_id: UUID
    customer_id: UUID
    asset: str
    amount: Decimal
    due_on: date
    grace_until: date
    final: bool


@event("lending.rate_announced.v1")
@dataclass(frozen=True, slots=True)
class RateAnnounced:
    """A floating product's rate from a day on; every loan of its floating versions pays it from then."""

    product_id: UUID
    rate: Decimal
    from_day: date
    before: Decimal | None


@event("lending.loan_rate_announced.v1")
@dataclass(frozen=True, slots=True)
class LoanRateAnnounced:
    """The same for one loan, which pays `rate` a year from `from_day` on, and `before` until then. Told once for each such day."""

    loan_id: UUID
    customer_id: UUID
    product_id: UUID
    asset: str
    rate: Decimal
    before: Decimal
    from_day: date
