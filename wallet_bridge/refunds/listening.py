"""What the custodian says of payments back to senders. It may come twice, late and in another order; what it means is as of withdrawals.

The deposit's row is locked first, then the payment's: whatever happens to either happens in one order.
"""

from __future__ import annotations

from typing import Any

from identity.audit import service as audit
from kernel import log
from kernel.db import Tx
from wallet_bridge.custody import service as custody
from wallet_bridge.custody.refs import Ref
from wallet_bridge.deposits import queries as deposits
from wallet_bridge.deposits import refunding
from wallet_bridge.deposits.postings import Payment
from wallet_bridge.deposits.record import Deposit
from wallet_bridge.refunds import queries, service
from wallet_bridge.refunds.record import Refund
from wallet_bridge.wire.schemas import TransferOut
from wallet_bridge.wire.states import TransferState
from wallet_bridge.withdrawals import listening, rules
from wallet_bridge.withdrawals.states import REPORTED, UNPAID, WithdrawalState

_S = WithdrawalState
_LONGEST = 500
_UNSIGNED = frozenset({_S.RESERVED, _S.SENT, _S.UNKNOWN, _S.MANUAL})
_log = log.get("refunds")


class Refunds:
    """The listener for references of refunds (`wallet_bridge.custody.listeners.Transfers`)."""

    def seen(self, tx: Tx, ref: Ref, transfer: TransferOut) -> None:
        deposit, one = _locked(tx, ref)
        if deposit is None or one is None:
            return
        what = listening.differs(one, transfer)
        if what is None and transfer.state is TransferState.FINAL and not transfer.txid:
            what = "final without a transaction"
        if rules.contradicts(one.state, transfer.state):
            _contradicted(tx, deposit, one, f"{transfer.state.value} after it was {one.state.value}")
        elif one.ended_at is not None:
            return
        elif what is not None:
            _contradicted(tx, deposit, one, what)
        else:
            _apply(tx, deposit, one, transfer)

    def refused(self, tx: Tx, ref: Ref, code: str, text: str) -> None:
        """Nothing was signed, and nothing will be."""
        deposit, one = _locked(tx, ref)
        if deposit is not None and one is not None and one.state in _UNSIGNED:
            _log.warning("refund_refused", refund=str(one.id), code=code, text=text)
            _unpaid(tx, deposit, one, _S.FAILED, reason=code)

    def unanswered(self, tx: Tx, ref: Ref, *, manual: bool = False) -> None:
        """Not known is not failed: the deposit stays on its way."""
        deposit, one = _locked(tx, ref)
        to = _S.MANUAL if manual else _S.UNKNOWN
        if deposit is not None and one is not None and one.state in {_S.RESERVED, _S.UNKNOWN} and one.state is not to:
            _move(tx, deposit, one, to)

    def expired(self, tx: Tx, ref: Ref, reason: str) -> None:
        """It was never sent."""
        deposit, one = _locked(tx, ref)
        if deposit is not None and one is not None and one.state in {_S.RESERVED, _S.UNKNOWN, _S.MANUAL}:
            _unpaid(tx, deposit, one, _S.NOT_PLACED, reason=reason)

    def not_cancelled(self, tx: Tx, ref: Ref, code: str) -> None:  # noqa: ARG002  it goes on, and is told when it is paid
        _log.error("refund_not_cancelled", refund=str(ref.id), code=code)


def stop(tx: Tx, deposit: Deposit) -> Deposit:
    """The chain took back what is being sent back (`refunding.on_taken_back`): keep it from being paid, if that can still be."""
    assert deposit.refund_id is not None
    one = queries.lock(tx, deposit.refund_id)
    if one is None or one.ended_at is not None or one.cancel_asked_at is not None:
        return deposit
    ref = service.ref(tx, one)
    if custody.take_back(tx, ref):
        return _ended(tx, deposit, one, _S.CANCELLED, reason=refunding.TAKEN_BACK)
    custody.ask_cancel(tx, ref)
    queries.note(tx, one.id, cancel_asked_at=tx.now)
    return deposit


def _locked(tx: Tx, ref: Ref) -> tuple[Deposit | None, Refund | None]:
    deposit_id = queries.deposit_of(tx, ref.id)
    if deposit_id is None:
        _log.error("refund_unheard_of", ref=str(ref))
        return None, None
    return deposits.lock(tx, deposit_id), queries.lock(tx, ref.id)


def _apply(tx: Tx, deposit: Deposit, one: Refund, transfer: TransferOut) -> None:
    known: dict[str, Any] = {
        "confirmations": transfer.confirmations, "reported_at": transfer.updated_at, "txid": transfer.txid,
    }  # fmt: skip
    to = rules.becomes(one.state, transfer.state, at=transfer.updated_at, last=one.reported_at)
    if to is None:
        if one.state is REPORTED[transfer.state] and (one.reported_at is None or transfer.updated_at > one.reported_at):
            queries.note(tx, one.id, **known)
    elif to is _S.FINAL:
        _paid(tx, deposit, one, **known)
    elif to in UNPAID:
        _unpaid(tx, deposit, one, to, reason=transfer.reason or to.value, **known)
    else:
        _move(tx, deposit, one, to, **known)


def _paid(tx: Tx, deposit: Deposit, one: Refund, *, txid: str, **known: Any) -> None:
    """The chain will not take it back any more: now it is booked."""
    queries.move(tx, one.id, _S.FINAL, txid=txid, **known)
    wallet = custody.custody_account(tx, network=one.network, asset=one.asset)
    payment = Payment(
        refund_id=one.id, wallet=wallet, sent=one.amount, fee=one.fee, address=one.address, txid=txid
    )  # fmt: skip
    refunding.paid(tx, deposit, payment)
    _told(tx, deposit, one, _S.FINAL)


def _unpaid(tx: Tx, deposit: Deposit, one: Refund, to: WithdrawalState, *, reason: str, **known: Any) -> None:
    deposits.save(tx, _ended(tx, deposit, one, to, reason=reason, **known))


def _ended(tx: Tx, deposit: Deposit, one: Refund, to: WithdrawalState, *, reason: str, **known: Any) -> Deposit:
    """Nothing left: the deposit as it is then."""
    assert to in UNPAID, "what was paid is booked"
    why = reason[:_LONGEST]
    queries.move(tx, one.id, to, ended_because=why, **known)
    _told(tx, deposit, one, to)
    return refunding.unpaid(tx, deposit, reason=why)


def _contradicted(tx: Tx, deposit: Deposit, one: Refund, what: str) -> None:
    """Nothing is booked by it: people look."""
    _log.error("refund_contradicted", refund=str(one.id), state=one.state.value, what=what)
    queries.note(tx, one.id, contradiction=what[:_LONGEST])
    if one.ended_at is None and one.state is not _S.MANUAL:
        _move(tx, deposit, one, _S.MANUAL)


def _move(tx: Tx, deposit: Deposit, one: Refund, to: WithdrawalState, **known: Any) -> None:
    queries.move(tx, one.id, to, **known)
    _told(tx, deposit, one, to)
    if to is _S.MANUAL:
        refunding.halted(tx, deposit, refunding.MANUAL, reason=one.state.value)


def _told(tx: Tx, deposit: Deposit, one: Refund, to: WithdrawalState) -> None:
    audit.record(
        tx, f"deposit_refund.{to.value}", kind="deposit", resource=deposit.id, before={"state": one.state},
        after={"state": to, "refund": str(one.id)},
    )  # fmt: skip
