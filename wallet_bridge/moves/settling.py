"""People end a transfer that no machine can: another amount came than had left, or it is late and does not come.

One person says what is at the destination in all, another one agrees; what was not booked there yet is, and what is missing is a loss of
the house (or a gain, where more came). From then on nothing of it is in transit.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal
from uuid import UUID

from identity.approvals import service as approvals
from identity.approvals.service import Subject
from identity.audit import service as audit
from identity.permissions import Permission
from kernel import commands, outbox
from kernel.db import Tx
from kernel.errors import DomainError
from kernel.money import canonical, fits_scale
from payments.assets import service as assets
from wallet_bridge.moves import errors, events, postings, queries, sources
from wallet_bridge.moves.queries import Transfer
from wallet_bridge.moves.states import TransferState

KIND = "wallet.treasury_settlement"
_TO_DECIDE = timedelta(days=7)
_S = TransferState
_NOTHING = Decimal(0)


@dataclass(frozen=True, slots=True, kw_only=True)
class Wish:
    """`received` is what is at the destination in all."""

    transfer_id: UUID
    received: Decimal
    reason: str


def ask(*, tenant: UUID, actor: UUID, wish: Wish, key: str | None) -> UUID:
    """Ask a second person; answers the approval. Asked again, the older one is void.

    Raises:
        TreasuryTransferNotFound, TreasuryTransferNotOpen, TreasuryReceivedUnfit
    """

    def fn(tx: Tx) -> tuple[str, UUID]:
        row = queries.lock(tx, wish.transfer_id)
        if row is None:
            raise errors.TreasuryTransferNotFound
        _check(row, wish.received)
        approval_id = approvals.request(
            tx, _subject(row, wish.received, wish.reason), maker=actor, permission=Permission.TREASURY_APPROVE,
            read_permission=Permission.TREASURY_READ, expires_in=_TO_DECIDE,
        )  # fmt: skip
        audit.about(tx, transfer=str(row.id), received=canonical(wish.received), reason=wish.reason)
        return "approval", approval_id

    body = {"id": str(wish.transfer_id), "received": canonical(wish.received), "reason": wish.reason}
    return commands.run(
        tenant=tenant, principal=actor, route="POST /v1/treasury/transfers/{id}/settle", key=key,
        fingerprint=commands.fingerprint(body), fn=fn,
    ).id  # fmt: skip


def carry_out(tx: Tx, *, transfer_id: UUID, approval_id: UUID, maker: UUID) -> None:
    """A second person agreed. One that changed since makes the approval void. Step of the engine."""
    row = queries.lock(tx, transfer_id)
    asked = approvals.asked(tx, approval_id) if row is not None else None
    if row is None or asked is None:
        return
    received, reason = Decimal(asked.summary["received"]), asked.summary["reason"]
    checker = approvals.granted(tx, approval_id, _subject(row, received, reason))
    if checker is None:
        return
    try:
        _check(row, received)
    except DomainError as refusal:
        approvals.failed(tx, approval_id, reason=refusal.code)
        return
    missing = _book(tx, row, received)
    queries.change(
        tx, row, _S.SETTLED, received_amount=received, settle_reason=reason, settle_asked_by=maker, settled_by=checker, ended_at=tx.now
    )  # fmt: skip
    fact = events.TreasuryTransferSettled(row.id, row.source, row.destination, row.asset, received, missing)
    outbox.publish(tx, fact, key=str(row.id))
    audit.record(
        tx, "treasury_transfer.settled", kind="treasury_transfer", resource=row.id, actor=checker, before={"state": row.state},
        after={"state": _S.SETTLED, "received": canonical(received), "missing": canonical(missing)}, reason=reason,
    )  # fmt: skip
    approvals.carried_out(tx, approval_id)


def _book(tx: Tx, row: Transfer, received: Decimal) -> Decimal:
    """What is missing."""
    assert row.left_amount is not None, "it has left"
    missing = row.left_amount - received
    postings.settled(
        tx, transfer_id=row.id, destination=row.destination, asset=row.asset,
        more=received - (row.arrived_amount or _NOTHING), missing=missing,
    )  # fmt: skip
    sources.refresh(tx, row.destination)
    return missing


def may_be(row: Transfer) -> bool:
    """Whether people may end it."""
    return row.state is _S.ARRIVED or (row.state is _S.IN_TRANSIT and row.late_at is not None)


def _check(row: Transfer, received: Decimal) -> None:
    if not may_be(row):
        raise errors.TreasuryTransferNotOpen(state=row.state.value)
    if received < (row.arrived_amount or _NOTHING) or not fits_scale(received, assets.scale(row.asset)):
        raise errors.TreasuryReceivedUnfit(arrived=canonical(row.arrived_amount or _NOTHING))


def _subject(row: Transfer, received: Decimal, reason: str) -> Subject:
    """What a second person agrees to."""
    summary = {
        "from": row.source, "to": row.destination, "asset": row.asset, "network": row.network, "txid": row.txid,
        "left": None if row.left_amount is None else canonical(row.left_amount),
        "arrived": None if row.arrived_amount is None else canonical(row.arrived_amount), "state": row.state.value,
        "received": canonical(received), "reason": reason,
    }  # fmt: skip
    return Subject(kind=KIND, resource_id=row.id, summary=summary)
