"""Withdrawals on the wire. Amounts are decimal strings in the asset."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, ClassVar, Self
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field, model_validator

from kernel.money import DecimalString
from wallet_bridge.withdrawals.record import View
from wallet_bridge.withdrawals.service import Wish
from wallet_bridge.withdrawals.states import (
    STATUS,
    UNSIGNED,
    DecisionState,
    Why,
    WithdrawalState,
    WithdrawalStatus,
    WithdrawalVerdict,
)

_Name = Annotated[str, Field(min_length=1, max_length=32, pattern=r"^[A-Za-z0-9._-]+$")]


class WithdrawalIn(BaseModel):
    """`amount` arrives; the network's fee comes on top of it. `address_id` is of your address book."""

    model_config: ClassVar[ConfigDict] = ConfigDict(extra="forbid")

    asset: Annotated[_Name, Field(examples=["USDT"])]
    network: Annotated[_Name, Field(examples=["ethereum"])]
    amount: Annotated[DecimalString, Field(gt=0, examples=["25"])]
    address_id: UUID

    def wish(self) -> Wish:
        return Wish(self.asset, self.network, self.amount, self.address_id)


class WithdrawalRejectIn(BaseModel):
    model_config: ClassVar[ConfigDict] = ConfigDict(extra="forbid")

    reason: Annotated[str, Field(min_length=1, max_length=500, pattern=r"\S", description="The customer reads it.")]


class WithdrawalDecisionIn(BaseModel):
    """`paid`, with the transaction, or `unpaid`: it never will be. `evidence` says how one knows."""

    model_config: ClassVar[ConfigDict] = ConfigDict(extra="forbid")

    verdict: WithdrawalVerdict
    txid: Annotated[str, Field(min_length=1, max_length=128, pattern=r"^[A-Za-z0-9]+$")] | None = None
    evidence: Annotated[str, Field(min_length=1, max_length=1000, pattern=r"\S")]

    @model_validator(mode="after")
    def _names_its_transaction(self) -> Self:
        if (self.verdict is WithdrawalVerdict.PAID) != (self.txid is not None):
            raise ValueError("what was paid names its transaction, and nothing else does")
        return self


class WithdrawalStepOut(BaseModel):
    """When it was first in a state."""

    name: WithdrawalState
    at: datetime


class WithdrawalDecided(BaseModel):
    """What people said became of it. `told`: what the custodian answered when it was asked by it (`absent`: nothing there; `silent`)."""

    model_config: ClassVar[ConfigDict] = ConfigDict(from_attributes=True)

    verdict: WithdrawalVerdict
    txid: str | None
    evidence: str
    state: DecisionState
    told: str | None
    proposed_by: UUID
    confirmed_by: UUID | None
    proposed_at: datetime
    asked_at: datetime | None
    ended_at: datetime | None


class WithdrawalReviewOut(BaseModel):
    """For staff: whose it is, why a person has to look, how long its address has stood in the book, and the approval that it waits for.

    `reported_at`: when the custodian last said something of it. `decision`: the newest one of people on one that was `manual`.
    """

    customer_id: UUID
    reasons: list[Why]
    value: DecimalString | None
    address_since: datetime
    approval_id: UUID | None
    contradiction: str | None
    reported_at: datetime | None
    decision: WithdrawalDecided | None


class WithdrawalOut(BaseModel):
    """`amount` arrives, `fee` comes on top, `total` is held until it is `final` or ends. `cancelling`: the custodian was asked to stop it.

    `internal`: the address is one of this house, so it stays in the books. `review` is for staff.
    """

    id: UUID
    asset: str
    network: str
    amount: DecimalString
    fee: DecimalString
    total: DecimalString
    address: str
    memo: str | None
    label: str
    internal: bool
    state: WithdrawalState
    status: WithdrawalStatus
    steps: list[WithdrawalStepOut]
    txid: str | None
    confirmations: int
    explorer_url: str | None
    reason: str | None
    can_cancel: bool
    cancelling: bool
    created_at: datetime
    updated_at: datetime
    review: WithdrawalReviewOut | None = None


class WithdrawalReleaseOut(BaseModel):
    """It goes out once a second person has agreed to this."""

    approval_id: UUID


def shown(view: View, *, staff: bool) -> WithdrawalOut:
    one = view.withdrawal
    cancelling = one.cancel_asked_at is not None
    review = WithdrawalReviewOut(
        customer_id=one.customer_id, reasons=[Why(why) for why in one.review], value=one.value,
        address_since=view.address_since, approval_id=view.approval_id, contradiction=one.contradiction, reported_at=one.reported_at,
        decision=None if view.decision is None else WithdrawalDecided.model_validate(view.decision),
    )  # fmt: skip
    return WithdrawalOut(
        id=one.id, asset=one.asset, network=one.network, amount=one.amount, fee=one.fee, total=one.total, address=one.address,
        memo=one.memo, label=one.label, internal=one.internal, state=one.state, status=STATUS[one.state],
        steps=[WithdrawalStepOut(name=name, at=at) for name, at in view.steps.items()], txid=one.txid, confirmations=one.confirmations,
        explorer_url=view.explorer_url, reason=one.reason, can_cancel=one.state in UNSIGNED and not (cancelling or one.cancel_refused),
        cancelling=cancelling, created_at=one.created_at, updated_at=one.updated_at, review=review if staff else None,
    )  # fmt: skip
