"""A person looks first: two people let it out, or one sends it back. What two agree to is the row as they saw it."""

from __future__ import annotations

from datetime import timedelta
from uuid import UUID

from identity import service as identity
from identity.approvals import service as approvals
from identity.approvals.service import Subject
from identity.audit import service as audit
from identity.eligibility.errors import NotEligible
from identity.eligibility.states import Ruling
from identity.permissions import Permission
from kernel import commands
from kernel.db import Tx
from kernel.errors import DomainError
from kernel.money import canonical
from payments.accounts import service as accounts
from payments.accounts.states import AccountStatus
from payments.errors import AccountClosed, AccountFrozen
from wallet_bridge.address_book import service as address_book
from wallet_bridge.networks import service as networks
from wallet_bridge.wire.schemas import Approval
from wallet_bridge.withdrawals import errors, obstacles, queries, sending
from wallet_bridge.withdrawals.record import View, Withdrawal
from wallet_bridge.withdrawals.service import Caller, view
from wallet_bridge.withdrawals.states import WithdrawalState

KIND = sending.KIND
TO_DECIDE = timedelta(days=7)
_S = WithdrawalState


def subject(one: Withdrawal) -> Subject:
    """Everything that will be paid, and why somebody had to look."""
    summary = {
        "customer": str(one.customer_id), "asset": one.asset, "network": one.network, "amount": canonical(one.amount),
        "fee": canonical(one.fee), "address": one.address, "memo": one.memo, "label": one.label,
        "value": None if one.value is None else canonical(one.value),
        "receiver": None if one.receiver_id is None else str(one.receiver_id), "review": list(one.review),
    }  # fmt: skip
    return Subject(kind=KIND, resource_id=one.id, summary=summary)


def release(caller: Caller, withdrawal_id: UUID) -> UUID:
    """Ask a second person to let it out; answers the approval.

    Raises:
        WithdrawalNotFound, WithdrawalDecided
    """

    def fn(tx: Tx) -> tuple[str, UUID]:
        one = _waiting(tx, withdrawal_id)
        approval_id = approvals.request(
            tx, subject(one), maker=caller.id, permission=Permission.WITHDRAWALS_REVIEW,
            read_permission=Permission.WITHDRAWALS_READ, expires_in=TO_DECIDE,
        )  # fmt: skip
        queries.note(tx, one.id, released_by=caller.id)
        audit.about(tx, withdrawal=str(one.id), amount=canonical(one.amount), asset=one.asset, address=one.address)
        return "approval", approval_id

    return commands.run(
        tenant=caller.tenant, principal=caller.id, route="POST /v1/withdrawals/{id}/release", key=caller.key,
        fingerprint=commands.fingerprint({"id": str(withdrawal_id)}), fn=fn,
    ).id  # fmt: skip


def reject(caller: Caller, withdrawal_id: UUID, *, reason: str) -> View:
    """Send it back: what was held is free. One person is enough, for nothing leaves by that.

    Raises:
        WithdrawalNotFound, WithdrawalDecided
    """

    def fn(tx: Tx) -> tuple[str, UUID]:
        one = _waiting(tx, withdrawal_id)
        approvals.void(tx, kind=KIND, resource_id=one.id, reason="rejected")
        sending.unpaid(tx, one, _S.REJECTED, reason=reason)
        audit.about(tx, before={"state": one.state}, after={"state": _S.REJECTED}, reason=reason)
        return "withdrawal", one.id

    commands.run(
        tenant=caller.tenant, principal=caller.id, route="POST /v1/withdrawals/{id}/reject", key=caller.key,
        fingerprint=commands.fingerprint({"id": str(withdrawal_id), "reason": reason}), fn=fn,
    )  # fmt: skip
    return view(caller.tenant, withdrawal_id, customer=None)


def carry_out(tx: Tx, *, withdrawal_id: UUID, approval_id: UUID, maker: UUID) -> None:
    """Two people agreed: it goes out, if it is still what they agreed to and nothing stands against it by now. Step of the engine.

    What stands against it leaves it where it was; somebody asks again, or sends it back.
    """
    one = queries.get(tx, withdrawal_id, customer=None, lock=True)
    if one is None or one.state is not _S.REVIEW:
        return
    checker = approvals.granted(tx, approval_id, subject(one))
    if checker is None:
        return
    try:
        _still_possible(tx, one)
    except DomainError as refusal:
        approvals.failed(tx, approval_id, reason=refusal.code)
        return
    agreed = [Approval(by=str(who), at=tx.now) for who in (maker, checker)]
    queries.move(tx, one.id, _S.APPROVED, released_by=maker, approved_by=checker)
    queries.move(tx, one.id, _S.RESERVED)
    sending.go(tx, one, agreed=agreed)
    approvals.carried_out(tx, approval_id)
    audit.record(
        tx, "withdrawal.released", kind="withdrawal", resource=one.id, actor=checker, before={"state": one.state},
        after={"state": _S.RESERVED}, amount=canonical(one.amount), asset=one.asset,
    )  # fmt: skip


def _still_possible(tx: Tx, one: Withdrawal) -> None:
    """Days may have passed: whoever may take nothing out by now gets nothing out, however many people agreed.

    Raises:
        DomainError: as `service.ask`; also where the receiver within the house can be given nothing.
    """
    person = identity.find_customer(tx, one.customer_id)
    if person is None or not person.active:
        raise NotEligible(verdict=Ruling.DENY.value, reasons=[], level=None)
    address_book.require_allowed(tx, one.customer_id)
    if _account_status(tx, one.customer_id, one.asset) is not AccountStatus.OPEN:
        raise AccountFrozen
    if one.receiver_id is not None and _account_status(tx, one.receiver_id, one.asset) is AccountStatus.CLOSED:
        raise AccountClosed
    obstacles.require_none(tx, one.customer_id)
    if not networks.find(tx, asset=one.asset, network=one.network).withdrawals:
        raise errors.WithdrawalsClosed


def _account_status(tx: Tx, customer: UUID, asset: str) -> AccountStatus:
    account_id = accounts.customer(tx, customer_id=customer, asset=asset)
    return accounts.get(tx, account_id, owner=None, realm="REAL").status


def _waiting(tx: Tx, withdrawal_id: UUID) -> Withdrawal:
    one = queries.get(tx, withdrawal_id, customer=None, lock=True)
    if one is None:
        raise errors.WithdrawalNotFound
    if one.state is not _S.REVIEW:
        raise errors.WithdrawalDecided(state=one.state.value)
    return one
