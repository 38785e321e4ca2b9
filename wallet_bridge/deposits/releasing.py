"""Letting go of what was held: two people give a deposit to its customer.

Or they open the accounts of one who had spent what the chain took back.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from uuid import UUID

from identity.approvals import service as approvals
from identity.approvals.events import ApprovalGranted
from identity.approvals.service import Subject
from identity.audit import service as audit
from identity.permissions import Permission
from kernel import commands
from kernel.db import Tx
from kernel.errors import DomainError
from kernel.money import canonical
from wallet_bridge.deposits import booking, queries
from wallet_bridge.deposits.errors import DepositNotFinal, DepositNotFound, DepositNotHeld
from wallet_bridge.deposits.record import LET_GO, Deposit
from wallet_bridge.deposits.states import DepositStatus

KIND = "wallet.deposit_release"
_TO_DECIDE = timedelta(days=7)


def ask(*, tenant: UUID, actor: UUID, deposit_id: UUID, key: str | None) -> UUID:
    """Ask a second person; answers the approval.

    Raises:
        DepositNotFound, DepositNotHeld
        DepositNotFinal: a block may still take it away.
    """

    def fn(tx: Tx) -> tuple[str, UUID]:
        found = queries.lock(tx, deposit_id)
        if found is None:
            raise DepositNotFound
        _check(found)
        subject = _subject(found)
        audit.about(tx, after=subject.summary, deposit=str(deposit_id))
        approval_id = approvals.request(
            tx, subject, maker=actor, permission=Permission.DEPOSITS_DECIDE, read_permission=Permission.DEPOSITS_DECIDE,
            expires_in=_TO_DECIDE,
        )  # fmt: skip
        return "approval", approval_id

    done = commands.run(
        tenant=tenant, principal=actor, route="POST /v1/deposits/{id}/release", key=key,
        fingerprint=commands.fingerprint({"deposit": deposit_id}), fn=fn,
    )  # fmt: skip
    return done.id


def granted(tx: Tx, fact: ApprovalGranted) -> None:
    """A second person agreed. Handler of an event consumer."""
    found = queries.lock(tx, fact.resource_id) if fact.kind == KIND else None
    if found is None:
        return
    checker = approvals.granted(tx, fact.approval_id, _subject(found))
    if checker is None:
        return
    try:
        _check(found)
        after = _let_go(tx, found)
    except DomainError as refusal:
        approvals.failed(tx, fact.approval_id, reason=refusal.code)
        return
    queries.save(tx, after)
    audit.record(
        tx, "deposit.released", kind="deposit", resource=found.id, before={"status": found.status.value},
        after={"status": after.status.value}, actor=checker, amount=canonical(found.amount), asset=found.asset,
    )  # fmt: skip
    approvals.carried_out(tx, fact.approval_id)


def _check(found: Deposit) -> None:
    if found.status is DepositStatus.HELD:
        if not found.deep:
            raise DepositNotFinal(confirmations=found.confirmations, needed=found.to_final)
    elif not found.owes:
        raise DepositNotHeld(status=found.status.value)


def _let_go(tx: Tx, found: Deposit) -> Deposit:
    assert found.customer_id is not None, "only what has an owner is held"
    if found.status is DepositStatus.HELD:
        return booking.hand_over(tx, found, found.customer_id)
    booking.open_again(tx, found, customer=found.customer_id)
    return replace(found, reason=LET_GO)  # what is missing stays receivable


def _subject(found: Deposit) -> Subject:
    summary = {
        "customer_id": str(found.customer_id),
        "asset": found.asset,
        "amount": canonical(found.amount),
        "network": found.network,
        "txid": found.txid,
        "output": found.output,
        "status": found.status.value,
        "reason": found.reason,
        "missing": canonical(found.shortage),
    }
    return Subject(kind=KIND, resource_id=found.id, summary=summary)
