"""Steps of a withdrawal's way: to the custodian or within the house, and how it ends. Whoever calls has locked its row."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from kernel import outbox
from kernel.db import Tx
from payments.holds import service as holds
from wallet_bridge.custody import service as custody
from wallet_bridge.custody.refs import Ref, RefKind
from wallet_bridge.wire.schemas import Approval, Destination, TransferIn
from wallet_bridge.wire.states import DestinationType
from wallet_bridge.withdrawals import postings, queries
from wallet_bridge.withdrawals.events import WithdrawalCompleted, WithdrawalEnded
from wallet_bridge.withdrawals.record import Withdrawal
from wallet_bridge.withdrawals.states import UNPAID, WithdrawalState

KIND = "wallet.withdrawal"
"""Of the approval that lets one out which a person had to look at."""
DECISION_KIND = "wallet.withdrawal_decision"
"""Of the approval that says what became of one that nobody can tell."""
_S = WithdrawalState


def ref(tx: Tx, one: Withdrawal) -> Ref:
    """As the custodian knows it."""
    return Ref(RefKind.WITHDRAWAL, tx.tenant_id, one.id)


def go(tx: Tx, one: Withdrawal, *, agreed: Sequence[Approval] = ()) -> None:
    """It is reserved: ask the custodian to pay it, or book it at once where its address is one of ours."""
    if one.internal:
        postings.within(tx, one)
        paid(tx, one, txid=None)
        return
    custody.ask_transfer(tx, wanted(tx, one, agreed=agreed))


def wanted(tx: Tx, one: Withdrawal, *, agreed: Sequence[Approval] = ()) -> TransferIn:
    """What the custodian is asked for."""
    to = Destination(type=DestinationType.ADDRESS, address=one.address, memo=one.memo)
    return TransferIn(
        client_ref=str(ref(tx, one)), destination=to, asset=one.asset, network=one.network, amount=one.amount,
        fee_cap=one.fee_cap, purpose="withdrawal", approvals=list(agreed),
    )  # fmt: skip


def arrived(tx: Tx, one: Withdrawal, *, txid: str | None, **facts: Any) -> None:
    """The chain will not take it back any more: now it is booked."""
    account = custody.custody_account(tx, network=one.network, asset=one.asset)
    postings.paid(tx, one, custody=account, txid=txid)
    paid(tx, one, txid=txid, **facts)


def paid(tx: Tx, one: Withdrawal, *, txid: str | None, **facts: Any) -> None:
    queries.move(tx, one.id, _S.FINAL, **(facts | ({"txid": txid} if txid else {})))
    fact = WithdrawalCompleted(
        one.id, one.customer_id, one.asset, one.network, one.amount, one.fee, one.address, txid
    )  # fmt: skip
    outbox.publish(tx, fact, key=str(one.id))


def unpaid(tx: Tx, one: Withdrawal, to: WithdrawalState, *, reason: str | None = None, **facts: Any) -> None:
    """It ended and nothing left: what was held is free."""
    assert to in UNPAID, "what was paid is captured"
    holds.void(tx, hold_id=one.hold_id)
    queries.move(tx, one.id, to, reason=reason, **facts)
    fact = WithdrawalEnded(
        one.id, one.customer_id, one.asset, one.network, one.amount, one.address, to.value, reason
    )  # fmt: skip
    outbox.publish(tx, fact, key=str(one.id))
