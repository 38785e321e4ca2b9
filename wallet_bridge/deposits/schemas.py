"""Deposits on the wire. Amounts are in whole units of the asset, as texts."""

from __future__ import annotations

from datetime import datetime
from typing import ClassVar
from uuid import UUID

from pydantic import BaseModel, ConfigDict

from kernel.money import DecimalString
from wallet_bridge.deposits.record import Deposit
from wallet_bridge.deposits.states import DepositStatus


class DepositOut(BaseModel):
    """One output of a transaction, named by (`network`, `txid`, `output`). `reason` says why it is held, too small or without an owner.

    `refund_txid`: where it went back to whoever sent it. For staff are `missing`: what its customer had spent of it when the chain took it
    back, and owes; and `refund_refused`: why it was not sent back when two people had agreed to.
    """

    id: UUID
    customer_id: UUID | None
    asset: str
    network: str
    amount: DecimalString
    address: str
    memo: str | None
    txid: str
    output: int
    status: DepositStatus
    confirmations: int
    confirmations_to_credit: int
    confirmations_to_final: int
    reason: str | None
    seen_at: datetime
    credited_at: datetime | None
    final_at: datetime | None
    refund_txid: str | None = None
    missing: DecimalString | None = None
    refund_refused: str | None = None


class ClaimIn(BaseModel):
    """Whose it is, after somebody has looked."""

    model_config: ClassVar[ConfigDict] = ConfigDict(extra="forbid")

    customer_id: UUID


class DepositApprovalOut(BaseModel):
    """It is done once a second person has agreed."""

    approval_id: UUID


def shown(deposit: Deposit, *, staff: bool) -> DepositOut:
    return DepositOut(
        id=deposit.id, customer_id=deposit.customer_id, asset=deposit.asset, network=deposit.network, amount=deposit.amount,
        address=deposit.address, memo=deposit.memo, txid=deposit.txid, output=deposit.output, status=deposit.status,
        confirmations=deposit.confirmations, confirmations_to_credit=deposit.to_credit, confirmations_to_final=deposit.to_final,
        reason=deposit.reason, seen_at=deposit.seen_at, credited_at=deposit.credited_at, final_at=deposit.final_at,
        refund_txid=deposit.refund_txid, missing=deposit.shortage if staff and deposit.shortage else None,
        refund_refused=deposit.refund_refused if staff else None,
    )  # fmt: skip
