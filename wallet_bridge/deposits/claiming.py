"""Money that arrived and named nobody: one person says whose it is, another one agrees, and it is that customer's."""

from __future__ import annotations

from datetime import timedelta
from uuid import UUID

from identity import service as identity
from identity.approvals import service as approvals
from identity.approvals.events import ApprovalGranted
from identity.approvals.service import Subject
from identity.audit import service as audit
from identity.permissions import Permission
from kernel import commands
from kernel.db import Tx
from kernel.errors import DomainError
from kernel.money import canonical
from payments.assets import service as assets
from wallet_bridge.deposits import booking, queries
from wallet_bridge.deposits.errors import ClaimantUnknown, DepositNotFinal, DepositNotFound, DepositNotInSuspense
from wallet_bridge.deposits.record import Deposit
from wallet_bridge.deposits.states import DepositStatus

KIND = "wallet.suspense"
_TO_DECIDE = timedelta(days=7)


def ask(*, tenant: UUID, actor: UUID, deposit_id: UUID, customer_id: UUID, key: str | None) -> UUID:
    """Ask a second person; answers the approval.

    Raises:
        DepositNotFound, DepositNotInSuspense, ClaimantUnknown
        DepositNotFinal: a block may still take it away.
        AssetUnknown: the books do not know it (yet).
    """

    def fn(tx: Tx) -> tuple[str, UUID]:
        found = queries.lock(tx, deposit_id)
        if found is None:
            raise DepositNotFound
        _check(tx, found, customer_id)
        subject = _subject(found, customer_id)
        audit.about(tx, after=subject.summary, deposit=str(deposit_id), customer=str(customer_id))
        approval_id = approvals.request(
            tx, subject, maker=actor, permission=Permission.DEPOSITS_DECIDE, read_permission=Permission.DEPOSITS_DECIDE,
            expires_in=_TO_DECIDE,
        )  # fmt: skip
        return "approval", approval_id

    done = commands.run(
        tenant=tenant, principal=actor, route="POST /v1/treasury/suspense/{id}/claim", key=key,
        fingerprint=commands.fingerprint({"deposit": deposit_id, "customer": customer_id}), fn=fn,
    )  # fmt: skip
    return done.id


def granted(tx: Tx, fact: ApprovalGranted) -> None:
    """A second person agreed. Handler of an event consumer."""
    found = queries.lock(tx, fact.resource_id) if fact.kind == KIND else None
    asked = approvals.asked(tx, fact.approval_id) if found is not None else None
    if found is None or asked is None:
        return
    customer = UUID(asked.summary["customer_id"])
    checker = approvals.granted(tx, fact.approval_id, _subject(found, customer))
    if checker is None:
        return
    try:
        _check(tx, found, customer)
        after = booking.hand_over(tx, found, customer)
    except DomainError as refusal:
        approvals.failed(tx, fact.approval_id, reason=refusal.code)
        return
    queries.save(tx, after)
    audit.record(
        tx, "deposit.claimed", kind="deposit", resource=found.id, before={"status": found.status.value},
        after={"status": after.status.value, "customer": str(customer)}, actor=checker, customer=str(customer),
        amount=canonical(found.amount), asset=found.asset,
    )  # fmt: skip
    approvals.carried_out(tx, fact.approval_id)


def _check(tx: Tx, found: Deposit, customer: UUID) -> None:
    if found.status is not DepositStatus.SUSPENSE:
        raise DepositNotInSuspense(status=found.status.value)
    if not found.deep:
        raise DepositNotFinal(confirmations=found.confirmations, needed=found.to_final)
    assets.scale(found.asset)
    if identity.find_customer(tx, customer) is None:
        raise ClaimantUnknown


def _subject(found: Deposit, customer: UUID) -> Subject:
    summary = {
        "customer_id": str(customer),
        "asset": found.asset,
        "amount": canonical(found.amount),
        "network": found.network,
        "txid": found.txid,
        "output": found.output,
        "address": found.address,
        "memo": found.memo,
        "status": found.status.value,
    }
    return Subject(kind=KIND, resource_id=found.id, summary=summary)
