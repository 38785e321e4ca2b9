"""A row of a plan that is due, with all that paying it needs; runs of the payout, and rows that the ledger refused."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from uuid import UUID

from earn.payouts.states import Late, PayoutRunState


@dataclass(frozen=True, slots=True, kw_only=True)
class Due:
    """`account_id` is paid into; the last row carries the principal and ends the subscription."""

    subscription_id: UUID
    seq: int
    due_at: datetime
    customer_id: UUID
    template_id: UUID
    asset: str
    account_id: int
    interest: Decimal
    principal: Decimal
    last: bool
    bonus: Decimal = Decimal(0)

    @property
    def key(self) -> str:
        return f"s/earn.payout:{self.subscription_id}:{self.seq}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Run:
    """What was due by `due_by`; `still_due` of it is unpaid at this moment, whoever had left it."""

    id: UUID
    due_by: datetime
    started_at: datetime
    ended_at: datetime | None
    state: PayoutRunState
    paid: int
    refused: int
    still_due: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Refusal:
    """A row that is due and that the ledger would not pay, with the reason of the last time (`run_id`)."""

    subscription_id: UUID
    seq: int
    customer_id: UUID
    asset: str
    due_date: date
    interest: Decimal
    principal: Decimal
    reason: str
    run_id: UUID
    first_at: datetime
    last_at: datetime


@dataclass(frozen=True, slots=True)
class Lateness:
    """One thing that is late: how many rows, since when, and what the ledger says to them."""

    what: Late
    rows: int
    since: datetime
    reasons: str = ""
