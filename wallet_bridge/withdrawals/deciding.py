"""People end a withdrawal that is `manual`: one says what became of it, another one agrees, and the custodian is asked before it counts.

From the second person's yes on nothing more is sent to the custodian under the withdrawal's reference. What it then says decides: where it
knows better, the proposal is refused or overtaken. To give the money back needs its word that nothing is and will be paid, which silence is
not; that it was paid may be booked on the word of two people once it is silent for long, for nothing is paid twice by that.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID

from identity.approvals import service as approvals
from identity.approvals.service import Subject
from identity.audit import service as audit
from identity.permissions import Permission
from kernel import commands
from kernel.clock import wall
from kernel.db import AnyRow, Tx
from kernel.ids import uuid7
from kernel.money import canonical
from wallet_bridge.custody import service as custody
from wallet_bridge.custody.refs import Ref, RefKind
from wallet_bridge.wire.schemas import TransferOut
from wallet_bridge.wire.states import TransferState
from wallet_bridge.withdrawals import errors, listening, queries, sending
from wallet_bridge.withdrawals.record import Withdrawal
from wallet_bridge.withdrawals.service import Caller
from wallet_bridge.withdrawals.states import DecisionState, WithdrawalState, WithdrawalVerdict

KIND = sending.DECISION_KIND
_TO_DECIDE = timedelta(days=7)
_S, _D = WithdrawalState, DecisionState
_UNPAID = frozenset({TransferState.FAILED, TransferState.CANCELLED})


@dataclass(frozen=True, slots=True, kw_only=True)
class Wish:
    """`txid` names the transaction of one that was paid."""

    withdrawal_id: UUID
    verdict: WithdrawalVerdict
    txid: str | None
    evidence: str


# What people do ------------------------------------------------------------------------------------------------------------------


def propose(caller: Caller, wish: Wish) -> UUID:
    """Ask a second person; answers the approval. An older proposal that nobody has agreed to is void.

    Raises:
        WithdrawalNotFound, WithdrawalNotManual, WithdrawalDecisionPending
    """

    def fn(tx: Tx) -> tuple[str, UUID]:
        one = queries.get(tx, wish.withdrawal_id, customer=None, lock=True)
        if one is None:
            raise errors.WithdrawalNotFound
        if one.state is not _S.MANUAL:
            raise errors.WithdrawalNotManual(state=one.state.value)
        if queries.decision_of(tx, one.id, state=_D.ASKING) is not None:
            raise errors.WithdrawalDecisionPending
        row = {
            "id": uuid7(), "withdrawal_id": one.id, "verdict": wish.verdict.value, "txid": wish.txid, "evidence": wish.evidence,
            "proposed_by": caller.id,
        }  # fmt: skip
        queries.insert_decision(tx, row)
        made = queries.decision_of(tx, one.id, state=_D.PROPOSED)
        assert made is not None, "it was written a line ago"
        approval_id = approvals.request(
            tx, _subject(one, made), maker=caller.id, permission=Permission.WITHDRAWALS_REVIEW,
            read_permission=Permission.WITHDRAWALS_READ, expires_in=_TO_DECIDE,
        )  # fmt: skip
        audit.about(tx, withdrawal=str(one.id), verdict=wish.verdict.value, txid=wish.txid, evidence=wish.evidence)
        return "approval", approval_id

    body = {"id": str(wish.withdrawal_id), "verdict": wish.verdict.value, "txid": wish.txid, "evidence": wish.evidence}
    return commands.run(
        tenant=caller.tenant, principal=caller.id, route="POST /v1/withdrawals/{id}/decisions", key=caller.key,
        fingerprint=commands.fingerprint(body), fn=fn,
    ).id  # fmt: skip


def _subject(one: Withdrawal, decision: AnyRow) -> Subject:
    """What a second person agrees to; a withdrawal that has moved on is another one."""
    summary = {
        "customer": str(one.customer_id), "asset": one.asset, "network": one.network, "amount": canonical(one.amount),
        "fee": canonical(one.fee), "address": one.address, "memo": one.memo, "state": one.state.value, "verdict": decision.verdict,
        "txid": decision.txid, "evidence": decision.evidence,
    }  # fmt: skip
    return Subject(kind=KIND, resource_id=one.id, summary=summary)


# What the engine does ------------------------------------------------------------------------------------------------------------


def ask_custodian(tx: Tx, *, withdrawal_id: UUID, approval_id: UUID) -> None:
    """A second person agreed: from now on nothing is sent, and the custodian is asked what it knows. Step of the engine."""
    one = queries.get(tx, withdrawal_id, customer=None, lock=True)
    row = queries.decision_of(tx, withdrawal_id, state=_D.PROPOSED) if one is not None else None
    if one is None or row is None:
        return
    checker = approvals.granted(tx, approval_id, _subject(one, row))
    if checker is None:
        return
    if not custody.ask_what_is_known(tx, sending.wanted(tx, one), decision=Ref(RefKind.DECISION, tx.tenant_id, row.id)):
        approvals.failed(tx, approval_id, reason=errors.WithdrawalNotManual.code)
        queries.move_decision(tx, row, _D.REFUSED, told="still_asked_for")
        return
    queries.move_decision(tx, row, _D.ASKING, confirmed_by=checker, asked_at=wall())
    approvals.carried_out(tx, approval_id)
    audit.record(
        tx, "withdrawal_decision.confirmed", kind="withdrawal", resource=one.id, actor=checker, before={"state": row.state},
        after={"state": _D.ASKING, "verdict": row.verdict, "txid": row.txid},
    )  # fmt: skip


class Decisions:
    """Hears what the custodian knows (`wallet_bridge.custody.listeners.Lookups`)."""

    def found(self, tx: Tx, ref: Ref, transfer: TransferOut) -> None:
        one, row = _locked(tx, ref)
        if one is None or row is None:
            return
        if listening.differs(one, transfer) is None:
            # What it tells is of this very payment: it is what became of it, whatever people thought.
            _end(tx, one, row, _D.OVERTAKEN, told=transfer.state.value)
            listening.Withdrawals().seen(tx, sending.ref(tx, one), transfer)
            return
        paid = transfer.state is TransferState.FINAL and _bare(transfer.txid) == _bare(row.txid)
        if paid if row.verdict == WithdrawalVerdict.PAID else transfer.state in _UNPAID:
            _carry_out(tx, one, row, told=transfer.state.value)
        else:
            _end(tx, one, row, _D.REFUSED, told=f"{transfer.state.value} {transfer.txid or ''}".strip())

    def absent(self, tx: Tx, ref: Ref) -> None:
        one, row = _locked(tx, ref)
        if one is not None and row is not None:
            _carry_out(tx, one, row, told="absent")

    def silent(self, tx: Tx, ref: Ref) -> None:
        one, row = _locked(tx, ref)
        if one is not None and row is not None and row.verdict == WithdrawalVerdict.PAID:
            _carry_out(tx, one, row, told="silent")


def _locked(tx: Tx, ref: Ref) -> tuple[Withdrawal | None, AnyRow | None]:
    """The withdrawal and its decision; None where its end came first, or the decision has ended."""
    withdrawal_id = queries.withdrawal_of_decision(tx, ref.id)
    one = None if withdrawal_id is None else queries.get(tx, withdrawal_id, customer=None, lock=True)
    if one is None:
        return None, None
    row = queries.decision_of(tx, one.id, state=_D.ASKING)
    if row is not None and one.state is not _S.MANUAL:
        _end(tx, one, row, _D.OVERTAKEN, told=one.state.value)
        row = None
    return one, row


def _carry_out(tx: Tx, one: Withdrawal, row: AnyRow, *, told: str) -> None:
    """As two people said. What was contradicted is explained by it."""
    _end(tx, one, row, _D.CARRIED_OUT, told=told)
    if row.verdict == WithdrawalVerdict.PAID:
        sending.arrived(tx, one, txid=row.txid, contradiction=None)
    else:
        to = _S.NOT_PLACED if told == "absent" else _S.FAILED
        sending.unpaid(tx, one, to, reason="decided_by_people", contradiction=None)


def _end(tx: Tx, one: Withdrawal, row: AnyRow, to: DecisionState, *, told: str) -> None:
    queries.move_decision(tx, row, to, told=told, contradiction=one.contradiction)
    audit.record(
        tx, f"withdrawal_decision.{to.value}", kind="withdrawal", resource=one.id, before={"state": row.state},
        after={"state": to, "verdict": row.verdict, "told": told},
    )  # fmt: skip


def _bare(txid: str | None) -> str:
    return (txid or "").lower().removeprefix("0x")
