"""What the custodian says of withdrawals. It may come twice, late and in another order; each end is booked once.

A transfer that ended is never booked again, whatever is reported of it later: such a report is written down on the row, where an invariant
sees it, and people look.
"""

from __future__ import annotations

from decimal import Decimal
from typing import Any, Protocol

from identity.audit import service as audit
from kernel import log, outbox
from kernel.db import Tx
from wallet_bridge.custody.refs import Ref
from wallet_bridge.wire.schemas import TransferOut
from wallet_bridge.withdrawals import queries, rules, sending
from wallet_bridge.withdrawals.events import WithdrawalSent
from wallet_bridge.withdrawals.record import Withdrawal
from wallet_bridge.withdrawals.states import ON_CHAIN, REPORTED, UNPAID, WITHDRAWAL, WithdrawalState

_S = WithdrawalState
_LONGEST = 500
_NOT_THERE_YET = "transfer_not_found"
_log = log.get("withdrawals")


class Withdrawals:
    """The listener for references of withdrawals (`wallet_bridge.custody.listeners.Transfers`)."""

    def seen(self, tx: Tx, ref: Ref, transfer: TransferOut) -> None:
        one = _locked(tx, ref)
        if one is None or transfer.fee_cap == 0:
            return  # the latter is the stone that is put where a withdrawal never was
        if rules.contradicts(one.state, transfer.state):
            _contradicted(tx, one, f"{transfer.state.value} after it was {one.state.value}")
        elif one.ended_at is not None:
            return
        elif (other := differs(one, transfer)) is not None:
            _contradicted(tx, one, other)
        else:
            _apply(tx, one, transfer)

    def refused(self, tx: Tx, ref: Ref, code: str, text: str) -> None:
        """Nothing was signed, and nothing will be."""
        one = _locked(tx, ref)
        if one is not None and one.state in {_S.RESERVED, _S.SENT, _S.UNKNOWN, _S.MANUAL}:
            _log.warning("withdrawal_refused", withdrawal=str(one.id), code=code, text=text)
            _end(tx, one, _S.FAILED, reason=code)

    def unanswered(self, tx: Tx, ref: Ref, *, manual: bool = False) -> None:
        """Not known is not failed: the money stays held."""
        one = _locked(tx, ref)
        to = _S.MANUAL if manual else _S.UNKNOWN
        if one is not None and one.state in {_S.RESERVED, _S.UNKNOWN} and one.state is not to:
            _move(tx, one, to)

    def expired(self, tx: Tx, ref: Ref, reason: str) -> None:
        """It was never sent."""
        one = _locked(tx, ref)
        if one is not None and one.state in {_S.RESERVED, _S.UNKNOWN, _S.MANUAL}:
            _end(tx, one, _S.NOT_PLACED, reason=reason)

    def not_cancelled(self, tx: Tx, ref: Ref, code: str) -> None:
        """Too late: it goes on, and nothing is taken back any more. Where it was too early instead, it may be asked for again."""
        one = _locked(tx, ref)
        if one is not None and one.ended_at is None:
            _log.info("withdrawal_not_cancelled", withdrawal=str(one.id), code=code)
            queries.note(tx, one.id, cancel_asked_at=None, cancel_refused=code != _NOT_THERE_YET)


def _locked(tx: Tx, ref: Ref) -> Withdrawal | None:
    one = queries.get(tx, ref.id, customer=None, lock=True)
    if one is None:
        _log.error("withdrawal_unheard_of", ref=str(ref))
    return one


def _apply(tx: Tx, one: Withdrawal, transfer: TransferOut) -> None:
    known: dict[str, Any] = {
        "confirmations": transfer.confirmations,
        "reported_at": transfer.updated_at,
        "txid": transfer.txid,
    }
    to = rules.becomes(one.state, transfer.state, at=transfer.updated_at, last=one.reported_at)
    if to is None:
        if one.state is REPORTED[transfer.state] and (one.reported_at is None or transfer.updated_at > one.reported_at):
            queries.note(tx, one.id, **known)
    elif to is _S.FINAL:
        _told(tx, one, to)
        sending.arrived(tx, one, **known)
    elif to in UNPAID:
        _end(tx, one, to, reason=transfer.reason, **known)
    else:
        first = _move(tx, one, to, **known)
        if first and to in ON_CHAIN and one.state not in ON_CHAIN:
            fact = WithdrawalSent(
                one.id, one.customer_id, one.asset, one.network, one.amount, one.address, transfer.txid
            )  # fmt: skip
            outbox.publish(tx, fact, key=str(one.id))


class Asked(Protocol):
    """A payment that the custodian was asked for."""

    @property
    def amount(self) -> Decimal: ...
    @property
    def asset(self) -> str: ...
    @property
    def network(self) -> str: ...
    @property
    def address(self) -> str: ...
    @property
    def memo(self) -> str | None: ...


def differs(one: Asked, transfer: TransferOut) -> str | None:
    """In what the custodian's transfer is not the one that we asked for."""
    asked = (one.amount, one.asset, one.network, one.address.casefold(), one.memo)
    has = (transfer.amount, transfer.asset, transfer.network, transfer.address.casefold(), transfer.memo)
    if asked == has:
        return None
    return f"{transfer.state.value}: {transfer.amount} {transfer.asset} on {transfer.network} to {transfer.address}"


def _contradicted(tx: Tx, one: Withdrawal, what: str) -> None:
    """Nothing is booked by it: people decide."""
    _log.error("withdrawal_contradicted", withdrawal=str(one.id), state=one.state.value, what=what)
    queries.note(tx, one.id, contradiction=what[:_LONGEST])
    if one.state in WITHDRAWAL.live - {_S.MANUAL, _S.REVIEW, _S.APPROVED}:
        _move(tx, one, _S.MANUAL)


def _end(tx: Tx, one: Withdrawal, to: WithdrawalState, *, reason: str | None, **facts: Any) -> None:
    _told(tx, one, to)
    sending.unpaid(tx, one, to, reason=reason[:_LONGEST] if reason else None, **facts)


def _move(tx: Tx, one: Withdrawal, to: WithdrawalState, **facts: Any) -> bool:
    _told(tx, one, to)
    return queries.move(tx, one.id, to, **facts)


def _told(tx: Tx, one: Withdrawal, to: WithdrawalState) -> None:
    audit.record(
        tx,
        f"withdrawal.{to.value}",
        kind="withdrawal",
        resource=one.id,
        before={"state": one.state},
        after={"state": to},
    )
