"""A deposit on its way back to whoever sent it: what its row and the books have of that. Who pays it belongs to `wallet_bridge.refunds`.

No customer is credited by it, at any time. While it is on its way the money stays where what is held stands; it leaves the books when its
payment is final. Every step holds the deposit's row.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from uuid import UUID

from kernel import log, outbox
from kernel.db import Tx
from wallet_bridge.deposits import booking, events, postings, queries
from wallet_bridge.deposits.postings import Payment
from wallet_bridge.deposits.record import Deposit
from wallet_bridge.deposits.states import DepositStatus, Place

NOT_PAID, MANUAL, TAKEN_BACK = "not_paid", "manual", "taken_back"
"""Why people have to look at one."""
Stop = Callable[[Tx, Deposit], Deposit]
_S = DepositStatus
_stops: list[Stop] = []
_log = log.get("deposits")


def on_taken_back(stop: Stop) -> None:
    """Who keeps from being paid, where it still can be, what the chain has taken back; called with the row locked, answers the row."""
    _stops[:] = [stop]


def taken_back(tx: Tx, deposit: Deposit) -> Deposit:
    """It has just left the chain."""
    if deposit.refund_id is None:
        return deposit
    if deposit.refund_txid is not None:
        halted(tx, deposit, TAKEN_BACK, reason=deposit.refund_txid)
        return deposit
    for stop in _stops:
        deposit = stop(tx, deposit)
    return deposit


def begin(tx: Tx, deposit: Deposit, refund_id: UUID) -> None:
    """Two people send it back. Why it was held stays with it: it may be held again."""
    after = booking.moved(deposit, _S.REFUNDING, reason=deposit.reason)
    queries.save(tx, replace(after, refund_id=refund_id, refund_refused=None))


def unpaid(tx: Tx, deposit: Deposit, *, reason: str) -> Deposit:
    """Nothing was paid and nothing will be: people decide again. What has left the chain stays that. The row is not saved."""
    after = replace(deposit, refund_id=None, refund_refused=reason)
    if deposit.status is _S.REFUNDING:
        after = booking.moved(after, _S.HELD, reason=deposit.reason or NOT_PAID)
    halted(tx, after, NOT_PAID, reason=reason)
    return after


def paid(tx: Tx, deposit: Deposit, payment: Payment) -> None:
    """Final on its chain. What is not in the books by now, for the chain has taken it back, the house has lost."""
    assert deposit.customer_id is not None, "only what has an owner is held"
    postings.sent_back(tx, deposit, payment)
    after = replace(deposit, refund_txid=payment.txid)
    if deposit.place is Place.HELD:
        after = replace(booking.moved(after, _S.REFUNDED, reason=None), place=Place.REFUNDED)
    else:
        halted(tx, deposit, TAKEN_BACK, reason=payment.txid)
    queries.save(tx, after)
    fact = events.DepositRefunded(
        deposit.id, deposit.customer_id, deposit.asset, deposit.network, payment.sent, payment.txid, payment.fee, payment.address
    )  # fmt: skip
    outbox.publish(tx, fact, key=str(deposit.id))


def halted(tx: Tx, deposit: Deposit, why: str, *, reason: str) -> None:
    """Staff is told."""
    assert deposit.customer_id is not None, "only what has an owner is held"
    _log.error("deposit_refund_halted", deposit=str(deposit.id), why=why, reason=reason)
    fact = events.DepositRefundHalted(
        deposit.id, deposit.customer_id, deposit.asset, deposit.network, deposit.amount, why, reason
    )  # fmt: skip
    outbox.publish(tx, fact, key=str(deposit.id))
