"""Runs of the payout on the wire."""

from __future__ import annotations

from datetime import date, datetime
from typing import ClassVar
from uuid import UUID

from pydantic import BaseModel, ConfigDict

from earn.payouts.record import Refusal, Run
from earn.payouts.states import PayoutRunState
from kernel.money import DecimalString


class PayoutRunIn(BaseModel):
    """Pay what is due on this day and before it, by each template's own time zone."""

    model_config: ClassVar[ConfigDict] = ConfigDict(extra="forbid")

    date: date


class PayoutRunOut(BaseModel):
    """`refused` rows stay due: the ledger would not pay into their accounts."""

    run_id: UUID
    paid: int
    refused: int


class PayoutOut(BaseModel):
    """A run: `died` was not heard of for ten minutes. `still_due` of what was due by `due_by` is unpaid now, refused or not."""

    id: UUID
    due_by: datetime
    started_at: datetime
    ended_at: datetime | None
    state: PayoutRunState
    paid: int
    refused: int
    still_due: int

    @classmethod
    def of(cls, run: Run) -> PayoutOut:
        return cls(
            id=run.id, due_by=run.due_by, started_at=run.started_at, ended_at=run.ended_at, state=run.state, paid=run.paid,
            refused=run.refused, still_due=run.still_due,
        )  # fmt: skip


class RefusedRowOut(BaseModel):
    """`reason` is the ledger's, of the last run (`run_id`) that tried; `account_closed` mostly."""

    subscription_id: UUID
    seq: int
    customer_id: UUID
    asset: str
    due_date: date
    interest: DecimalString
    principal: DecimalString
    reason: str
    run_id: UUID
    first_at: datetime
    last_at: datetime

    @classmethod
    def of(cls, row: Refusal) -> RefusedRowOut:
        return cls(
            subscription_id=row.subscription_id, seq=row.seq, customer_id=row.customer_id, asset=row.asset, due_date=row.due_date,
            interest=row.interest, principal=row.principal, reason=row.reason, run_id=row.run_id, first_at=row.first_at,
            last_at=row.last_at,
        )  # fmt: skip
